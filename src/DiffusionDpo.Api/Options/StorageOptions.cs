namespace DiffusionDpo.Api.Options;

/// <summary>
/// How object storage is reached. AWS and Azure need none of it; a service with S3's interface needs its endpoint. Credentials never stand here:
/// they come from the environment, the machine or the cloud's workload identity (docs/storage.md).
/// </summary>
public sealed record StorageOptions
{
    /// <summary>How s3:// is reached.</summary>
    public S3Options S3 { get; init; } = new();

    /// <summary>How az:// is reached.</summary>
    public AzureOptions Azure { get; init; } = new();
}
