namespace DiffusionDpo.Storage;

/// <summary>Where the bytes of a URI are.</summary>
public enum StorageScheme
{
    /// <summary>A path of this machine: <c>/data/x</c>, <c>data/x</c> or <c>file:///data/x</c>.</summary>
    File,

    /// <summary>S3 or a service with its interface: <c>s3://bucket/key</c>.</summary>
    S3,

    /// <summary>Azure Blob: <c>az://account/container/key</c>.</summary>
    Azure,
}
