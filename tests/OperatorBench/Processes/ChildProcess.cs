using System.Collections.Concurrent;
using System.Diagnostics;

namespace OperatorBench.Processes;

/// <summary>A process that the benchmark starts and ends, and its output.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly SemaphoreSlim _came = new(0);
    private readonly long _start = Stopwatch.GetTimestamp();

    public ChildProcess(string file, params string[] arguments)
        : this(new ProcessStartInfo(file, arguments))
    {
    }

    public ChildProcess(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>Time since it was started.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_start);

    /// <summary>What it said, for a failure's message.</summary>
    public string Output => string.Join('\n', _lines.TakeLast(20));

    /// <summary>Waits for a line of output.</summary>
    public async Task<string> UntilSaysAsync(Func<string, bool> wanted, TimeSpan within)
    {
        using var late = new CancellationTokenSource(within);
        while (true)
        {
            if (_lines.FirstOrDefault(wanted) is { } line) return line;
            if (_process.HasExited) throw new InvalidOperationException($"{_process.StartInfo.FileName} ended with {_process.ExitCode}:\n{Output}");
            try
            {
                await _came.WaitAsync(TimeSpan.FromMilliseconds(100), late.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{_process.StartInfo.FileName} did not say within {within} what was waited for:\n{Output}");
            }
        }
    }

    /// <summary>Whether it said something.</summary>
    public IReadOnlyList<string> Said(Func<string, bool> wanted) => [.. _lines.Where(wanted)];

    /// <summary>Asks it to end (SIGTERM), and ends it where it does not.</summary>
    public async Task TerminateAsync()
    {
        if (_process.HasExited) return;
        using var kill = Process.Start("kill", [$"-{SigTerm}", $"{_process.Id}"]);
        using var late = new CancellationTokenSource(s_patience);
        await _process.WaitForExitAsync(late.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        if (!_process.HasExited) await KillAsync();
    }

    /// <summary>Ends it at once (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await TerminateAsync();
        _process.Dispose();
        _came.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null) return;
        _lines.Enqueue(line);
        _came.Release();
    }
}
