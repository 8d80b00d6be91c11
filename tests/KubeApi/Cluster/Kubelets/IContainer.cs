namespace KubeApi.Cluster.Kubelets;

/// <summary>A container that was started.</summary>
public interface IContainer
{
    /// <summary>The pod's address.</summary>
    string PodIp { get; }

    /// <summary>How it ended; null while it runs.</summary>
    ContainerExit? Exit { get; }

    /// <summary>When to look again; null = there will be a call, or nothing happens by itself.</summary>
    DateTimeOffset? Due { get; }

    /// <summary>Asks it to end (SIGTERM) and ends it after the grace period (SIGKILL). Called again with a shorter one: that counts.</summary>
    void Stop(TimeSpan grace);
}
