using System.Runtime.InteropServices;
using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Cli.Processes;

/// <summary>
/// Ctrl-C and SIGTERM as one request to stop: the first asks the run to save the last completed step, the second ends the process at once.
/// </summary>
internal sealed partial class StopSignal : IDisposable
{
    /// <summary>What shells report for a process ended by SIGINT.</summary>
    private const int InterruptedExitCode = 130;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Starts listening.</summary>
    /// <param name="requested">Called once, on the first signal, with what to tell the user.</param>
    /// <param name="ending">Called before the second ends the process: leaves the terminal as it was.</param>
    public StopSignal(Action<string> requested, Action ending)
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                if (_stop.IsCancellationRequested && signal == PosixSignal.SIGINT) EndAtOnce(ending);
                if (_stop.IsCancellationRequested) return;
                Announce(requested, signal);
                _stop.Cancel();
            }));
        }
    }

    /// <summary>Cancelled from the first signal on.</summary>
    public CancellationToken Token => _stop.Token;

    // Without the exit handlers of the C library: they would take libtorch apart under the thread that computes, and the process would crash.
    private static void EndAtOnce(Action ending)
    {
        ending();
        _exit(InterruptedExitCode);
    }

    // A full disk must not keep the process from stopping; the training thread meets the same disk and reports it.
    private static void Announce(Action<string> requested, PosixSignal signal)
    {
        try
        {
            requested(signal == PosixSignal.SIGINT
                ? "stopping: saving the last completed step (Ctrl-C again exits at once, losing steps since the last checkpoint)"
                : "stopping: saving the last completed step");
        }
        catch (Exception e) when (e is RunException or IOException)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _stop.Dispose();
    }

    [LibraryImport("libc")]
    private static partial void _exit(int code);
}
