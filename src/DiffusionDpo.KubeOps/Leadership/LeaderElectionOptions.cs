namespace DiffusionDpo.KubeOps.Leadership;

/// <summary>How replicas agree on the one that works: by a Lease (coordination.k8s.io/v1).</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>The Lease's name, the same for all replicas.</summary>
    public required string LeaseName { get; init; }

    /// <summary>The Lease's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>This process's name among the candidates. Two processes of one name would both lead: take the pod's name and something random.</summary>
    public required string Identity { get; init; }

    /// <summary>How long others leave a lease alone that they do not see renewed; whole seconds.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the leader works on without a renewal. What is left to the duration is the margin that keeps two leaders apart.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between renewals, and between a candidate's looks at the lease.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one request may take: two fit into the deadline, so that one lost connection does not cost the leadership.</summary>
    internal TimeSpan RequestTimeout => RenewDeadline / 2;

    /// <summary>Whether the times keep leaders apart.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    internal void Validate()
    {
        if (Duration.Ticks % TimeSpan.TicksPerSecond != 0) throw new ArgumentException($"{nameof(Duration)} {Duration} is not in whole seconds");
        if (RenewDeadline >= Duration) throw new ArgumentException($"{nameof(RenewDeadline)} {RenewDeadline} must be below {nameof(Duration)} {Duration}");
        if (RetryPeriod <= TimeSpan.Zero || RetryPeriod >= RequestTimeout)
            throw new ArgumentException($"{nameof(RetryPeriod)} {RetryPeriod} must be positive and below half of {nameof(RenewDeadline)} {RenewDeadline}");
    }
}
