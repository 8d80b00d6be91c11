namespace KubeApi.Cluster;

/// <summary>An ownerReference as far as controllers look at it.</summary>
internal sealed record Owner(string Uid, string Collection, bool Controls, bool Blocks);
