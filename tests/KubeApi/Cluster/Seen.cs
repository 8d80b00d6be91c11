namespace KubeApi.Cluster;

/// <summary>What the view keeps of an object.</summary>
internal sealed record Seen(ObjectId Id, string Uid, IReadOnlyList<Owner> Owners, string Node, bool Deleting);
