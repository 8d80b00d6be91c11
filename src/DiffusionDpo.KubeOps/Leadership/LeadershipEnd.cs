namespace DiffusionDpo.KubeOps.Leadership;

/// <summary>Why <see cref="LeaderElection.RunAsync"/> has returned.</summary>
public enum LeadershipEnd
{
    /// <summary>It was told to stop. The lease, if it was held, is released.</summary>
    Stopped,

    /// <summary>The leader's work ended by itself. The lease is released.</summary>
    Finished,

    /// <summary>The lease could not be renewed in time or is another's. What this process has in memory is out of date: it should exit.</summary>
    Lost,
}
