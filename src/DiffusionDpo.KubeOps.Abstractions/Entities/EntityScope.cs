namespace KubeOps.Abstractions.Entities;

/// <summary>Where objects of a kind live.</summary>
public enum EntityScope
{
    /// <summary>In a namespace.</summary>
    Namespaced,

    /// <summary>In the cluster.</summary>
    Cluster,
}
