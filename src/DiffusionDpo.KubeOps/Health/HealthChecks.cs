using System.Collections.Concurrent;

namespace DiffusionDpo.KubeOps.Health;

/// <summary>What /livez and /readyz ask. The parts of an operator add theirs as they start.</summary>
/// <param name="time">The clock.</param>
public sealed class HealthChecks(TimeProvider time)
{
    private readonly ConcurrentQueue<(string Name, Func<bool> IsOk)> _liveness = [];
    private readonly ConcurrentQueue<(string Name, Func<bool> IsOk)> _readiness = [];

    /// <summary>Adds a loop to /livez.</summary>
    /// <param name="name">The loop.</param>
    /// <param name="bound">How long it may take for one turn. Where it waits for work it must wake up more often than that.</param>
    /// <returns>What the loop beats each turn.</returns>
    public LivenessBeacon AddLoop(string name, TimeSpan bound)
    {
        var beacon = new LivenessBeacon(name, bound, time);
        _liveness.Enqueue((name, () => beacon.IsAlive));
        return beacon;
    }

    /// <summary>Adds something to /readyz.</summary>
    /// <param name="name">What is waited for, such as a cache.</param>
    /// <param name="isReady">Whether it is there; asked at each request, must not block.</param>
    public void AddReadiness(string name, Func<bool> isReady) => _readiness.Enqueue((name, isReady));

    internal HealthReport Liveness() => HealthReport.Of("livez", _liveness);

    internal HealthReport Readiness() => HealthReport.Of("readyz", _readiness);
}
