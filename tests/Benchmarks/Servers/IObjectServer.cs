using DiffusionDpo.Api.Options;

namespace Benchmarks.Servers;

/// <summary>An object store that the environment names, and its own library's way of uploading to it.</summary>
internal interface IObjectServer
{
    /// <summary>Bytes of a part of an upload, and how many are under way: the store's.</summary>
    const int PartBytes = 8 << 20, PartsAtOnce = 6;

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

    /// <summary>Those that the environment names: DDPO_TEST_S3 and DDPO_TEST_AZURE are their addresses.</summary>
    static IEnumerable<IObjectServer> All()
    {
        if (Environment.GetEnvironmentVariable("DDPO_TEST_S3") is { Length: > 0 } s3) yield return new S3Server(s3);
        if (Environment.GetEnvironmentVariable("DDPO_TEST_AZURE") is { Length: > 0 } azure) yield return new AzureServer(azure);
    }
}
