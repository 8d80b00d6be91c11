using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>Where the run lives and what it delivers.</summary>
public sealed record OutputOptions
{
    /// <summary>The run's directory (a path, file://, s3:// or az:// URI): run file, checkpoints, the exported model in model.</summary>
    [Length(1, 1024), Pattern(TextPatterns.Location)]
    public required string Uri { get; init; }

    /// <summary>Number format of the exported UNet, or of the exported adapters. The other networks stay as the base model stores them: the autoencoder of SDXL overflows in fp16.</summary>
    public Precision Precision { get; init; } = Precision.Float32;
}
