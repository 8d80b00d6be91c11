namespace KubeApi.Cluster.Kubelets;

/// <summary>A container that follows a <see cref="PodScript"/>.</summary>
internal sealed class ScriptedContainer(TimeProvider time, PodScript script, string podIp, Action changed) : IContainer
{
    private readonly Lock _gate = new();
    private readonly DateTimeOffset _started = time.GetUtcNow();
    private ContainerExit? _planned;
    private bool _stopping;

    public string PodIp { get; } = podIp;

    public ContainerExit? Exit => Planned is { } exit && exit.FinishedAt <= time.GetUtcNow() ? exit : null;

    public DateTimeOffset? Due => Planned?.FinishedAt;

    private ContainerExit? Planned
    {
        get
        {
            lock (_gate)
                return _planned ?? (script.For is { } length ? new ContainerExit(script.ExitCode, script.TerminationMessage, _started, _started + length, script.Reason) : null);
        }
    }

    public void Stop(TimeSpan grace)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (Exit is not null)
                return;
            var kill = now + grace;
            var known = Planned;
            if (!_stopping && script.StopsIn is { } delay && delay <= grace)
                _planned = Earlier(known, new ContainerExit(script.StopExitCode, script.StopMessage, _started, now + delay));
            else if (!_stopping || known is null || known.FinishedAt > kill)
                _planned = Earlier(known, new ContainerExit(137, "", _started, kill));
            _stopping = true;
        }
    }

    public void End(int exitCode, string message, string reason)
    {
        lock (_gate)
        {
            if (Exit is not null)
                return;
            _planned = new ContainerExit(exitCode, message, _started, time.GetUtcNow(), reason);
        }

        changed();
    }

    private static ContainerExit Earlier(ContainerExit? known, ContainerExit other) => known is not null && known.FinishedAt <= other.FinishedAt ? known : other;
}
