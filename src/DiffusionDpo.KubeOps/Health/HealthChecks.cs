using System.Collections.Concurrent;

namespace DiffusionDpo.KubeOps.Health;

/// <summary>What /livez and /readyz ask. The parts of an operator add theirs as they start.</summary>
public sealed class HealthChecks
{
    private readonly ConcurrentQueue<(string Name, Func<bool> IsOk)> _liveness = [];
    private readonly ConcurrentQueue<(string Name, Func<bool> IsOk)> _readiness = [];

    /// <summary>Adds something to /livez.</summary>
    /// <param name="name">What must hold for the process to be of use.</param>
    /// <param name="isAlive">Whether it holds; asked at each request, must not block.</param>
    public void AddLiveness(string name, Func<bool> isAlive) => _liveness.Enqueue((name, isAlive));

    /// <summary>Adds something to /readyz.</summary>
    /// <param name="name">What is waited for, such as a cache.</param>
    /// <param name="isReady">Whether it is there; asked at each request, must not block.</param>
    public void AddReadiness(string name, Func<bool> isReady) => _readiness.Enqueue((name, isReady));

    internal HealthReport Liveness() => HealthReport.Of("livez", _liveness);

    internal HealthReport Readiness() => HealthReport.Of("readyz", _readiness);
}
