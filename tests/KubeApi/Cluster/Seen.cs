namespace KubeApi.Cluster;

/// <summary>What the view keeps of an object.</summary>
internal sealed record Seen(ObjectId Id, string Uid, IReadOnlyList<Owner> Owners, bool Deleting)
{
    /// <summary>Where a pod is bound; empty for everything else.</summary>
    public string Node { get; init; } = "";

    /// <summary>What a pod that has not ended takes of its node.</summary>
    public IReadOnlyDictionary<string, decimal> Requests { get; init; } = new Dictionary<string, decimal>();
}
