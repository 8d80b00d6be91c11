namespace KubeApi.Storage;

/// <summary>The asked version is no longer in the history.</summary>
public sealed class CompactedException(long requested, long oldest) : Exception($"too old resource version: {requested} ({oldest})")
{
    public long Oldest { get; } = oldest;
}
