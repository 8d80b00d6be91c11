using DiffusionDpo.Api.Failures;
using DiffusionDpo.Storage.Local;

namespace DiffusionDpo.Storage;

/// <summary>The list of stores, one for each scheme that this build supports.</summary>
public sealed class Stores
{
    private readonly LocalStore _local = new();

    /// <summary>The store that holds an address.</summary>
    /// <param name="uri">Any address.</param>
    /// <exception cref="RunException">Configuration error: this build has no store for the scheme.</exception>
    public IObjectStore For(StorageUri uri) => uri.Scheme switch
    {
        StorageScheme.File => _local,
        StorageScheme.S3 => throw Unsupported(uri, "s3"),
        _ => throw Unsupported(uri, "az"),
    };

    private static RunException Unsupported(StorageUri uri, string scheme) => new(
        ExitClass.ConfigurationError, $"{uri}: {scheme}:// is not supported by this build yet; use a path or file:///path");
}
