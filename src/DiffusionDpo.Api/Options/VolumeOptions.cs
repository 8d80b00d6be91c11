using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>A volume in every pod of a run: exactly one of claim and directory.</summary>
public sealed record VolumeOptions
{
    /// <summary>Where pods see it; paths of the fine-tune begin with it.</summary>
    [Length(1, 1024), Pattern(TextPatterns.AbsolutePath)]
    public required string MountPath { get; init; }

    /// <summary>A volume that all pods share.</summary>
    [Length(1, 253)]
    public string? PersistentVolumeClaim { get; init; }

    /// <summary>A directory of the node.</summary>
    [Length(1, 1024), Pattern(TextPatterns.AbsolutePath)]
    public string? HostPath { get; init; }

    /// <summary>Whether pods may only read it.</summary>
    public bool ReadOnly { get; init; }
}
