using KubeApi.Storage;

namespace KubeApi.Reads;

/// <summary>What a list found.</summary>
internal sealed record ListPage(IReadOnlyList<StoredObject> Items, long ResourceVersion, string Continue, long? Remaining);
