using System.Runtime.InteropServices;

namespace DiffusionDpo.Cli.Processes;

/// <summary>
/// Ctrl-C and SIGTERM as one request to stop: the first asks the run to save the last completed step, the second ends the process at once.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    /// <summary>What shells report for a process ended by SIGINT.</summary>
    private const int InterruptedExitCode = 130;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Starts listening.</summary>
    /// <param name="requested">Called once, on the first signal, with what to tell the user.</param>
    public StopSignal(Action<string> requested)
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                if (_stop.IsCancellationRequested && signal == PosixSignal.SIGINT) Environment.Exit(InterruptedExitCode);
                if (_stop.IsCancellationRequested) return;
                requested(signal == PosixSignal.SIGINT
                    ? "stopping: saving the last completed step (Ctrl-C again exits at once, losing steps since the last checkpoint)"
                    : "stopping: saving the last completed step");
                _stop.Cancel();
            }));
        }
    }

    /// <summary>Cancelled from the first signal on.</summary>
    public CancellationToken Token => _stop.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _stop.Dispose();
    }
}
