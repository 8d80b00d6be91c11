using DiffusionDpo.Api.Options;

namespace Benchmarks.Uploading;

/// <summary>A service to upload to, and its own library's way of doing it.</summary>
internal interface IUploadService
{
    /// <summary>The name by which it is chosen.</summary>
    string Name { get; }

    /// <summary>How the store reaches it.</summary>
    StorageOptions Options { get; }

    /// <summary>A bucket or container, as a URI.</summary>
    string Place { get; }

    /// <summary>Makes the bucket or container.</summary>
    Task PrepareAsync();

    /// <summary>Uploads a file by the library alone, with parts as large and as many at once as the store has.</summary>
    Task UploadAsync(string path, string key);
}
