using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace DiffusionDpo.EndToEnd.Tests;

/// <summary>A process whose output is kept; ended by its own id when it is disposed.</summary>
internal sealed partial class RealProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    public RealProcess(string executable, params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Asks it to end, and waits.</summary>
    public int Terminate()
    {
        _ = Signal(_process.Id, 15);
        if (!_process.WaitForExit(TimeSpan.FromSeconds(40))) throw new TimeoutException($"does not end on SIGTERM\n{Output}");
        return _process.ExitCode;
    }

    /// <summary>Ends it at once, as a node's crash would.</summary>
    public void Kill()
    {
        _ = Signal(_process.Id, 9);
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }

    /// <summary>Kills a process by its id.</summary>
    public static void Kill(int id) => _ = Signal(id, 9);

    private void Keep(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int id, int signal);
}
