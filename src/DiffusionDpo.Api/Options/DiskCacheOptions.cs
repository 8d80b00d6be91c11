using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>A cache of remote data on a local disk, which all processes of a pod share. Files of this machine are never copied into it.</summary>
public sealed record DiskCacheOptions
{
    /// <summary>
    /// A directory on a local disk, in a cluster below the mountPath of one of workers.volumes; made where it is not there. Empty: nothing is kept, and
    /// each epoch reads remote shards from where they are.
    /// </summary>
    [Length(0, 1024), Pattern(TextPatterns.AbsolutePathOrNone)]
    public string Path { get; init; } = "";

    /// <summary>Most that its files may take together, as 200Gi; what was not used for the longest time makes room.</summary>
    [Length(3, 16), Pattern(TextPatterns.ByteSize)]
    public string Size { get; init; } = "100Gi";
}
