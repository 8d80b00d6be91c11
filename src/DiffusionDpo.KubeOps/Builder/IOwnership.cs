namespace DiffusionDpo.KubeOps.Builder;

/// <summary>A connection from a store of owned objects to the loop of their entities.</summary>
internal interface IOwnership
{
    /// <summary>Makes it, before anything runs.</summary>
    void Join();
}
