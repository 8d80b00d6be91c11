using System.Diagnostics;
using System.Text;
using KubeApi.Cluster.Kubelets;

namespace KubeApi.Cluster.Processes;

/// <summary>A running process that stands for a container: its output goes to the pod's log, its end is told to the kubelet.</summary>
internal sealed class ProcessContainer : IContainer, IAsyncDisposable
{
    private const int Terminate = 15;
    private const int LongestMessage = 4096;
    private readonly Lock _gate = new();
    private readonly Process _process;
    private readonly PodSandbox _sandbox;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _started;
    private readonly StreamWriter _log;
    private readonly Action _changed;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _kill;
    private DateTimeOffset _killAt = DateTimeOffset.MaxValue;
    private bool _asked;
    private volatile ContainerExit? _exit;

    public ProcessContainer(ProcessStartInfo start, PodSandbox sandbox, string address, TimeProvider time, Action changed)
    {
        (_sandbox, PodIp, _time, _changed) = (sandbox, address, time, changed);
        _log = new StreamWriter(sandbox.Log, append: false, Encoding.UTF8) { AutoFlush = true };
        _started = time.GetUtcNow();
        try
        {
            _process = Process.Start(start)!;
        }
        catch
        {
            _log.Dispose();
            throw;
        }

        _process.OutputDataReceived += (_, line) => Write(line.Data);
        _process.ErrorDataReceived += (_, line) => Write(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _ = WatchAsync();
    }

    public string PodIp { get; }

    public ContainerExit? Exit => _exit;

    public DateTimeOffset? Due => null;

    public void Stop(TimeSpan grace)
    {
        lock (_gate)
        {
            if (_exit is not null)
                return;
            if (!_asked && grace > TimeSpan.Zero)
                _ = Signals.Send(_process.Id, Terminate);
            _asked = true;
            var at = _time.GetUtcNow() + grace;
            if (at >= _killAt)
                return;
            _killAt = at;
            _kill?.Dispose();
            _kill = _time.CreateTimer(_ => Kill(), null, grace < TimeSpan.Zero ? TimeSpan.Zero : grace, Timeout.InfiniteTimeSpan);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _ended.Task;
    }

    private async Task WatchAsync()
    {
        await _process.WaitForExitAsync();
        lock (_gate)
        {
            _kill?.Dispose();
            _exit = new ContainerExit(_process.ExitCode, Message(), _started, _time.GetUtcNow());
            _log.Dispose();
            _process.Dispose();
        }

        _changed();
        _ended.TrySetResult();
    }

    private string Message()
    {
        var bytes = File.ReadAllBytes(_sandbox.TerminationMessage);
        return Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, LongestMessage)));
    }

    private void Kill()
    {
        lock (_gate)
        {
            if (_exit is null && !_process.HasExited)
                _process.Kill(entireProcessTree: true);
        }
    }

    private void Write(string? line)
    {
        if (line is null)
            return;
        lock (_gate)
        {
            if (_exit is null)
                _log.WriteLine(line);
        }
    }
}
