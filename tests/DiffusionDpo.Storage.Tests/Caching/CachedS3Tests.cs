using Amazon.Runtime;
using Amazon.S3;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Shared;
using DiffusionDpo.Storage.Caching;
using DiffusionDpo.Storage.Remote;
using DiffusionDpo.Storage.S3;
using DiffusionDpo.Storage.Tests.Faults;
using Xunit;

namespace DiffusionDpo.Storage.Tests.Caching;

/// <summary>The cache before a real S3 server, whose requests are counted.</summary>
public sealed class CachedS3Tests : IAsyncLifetime, IDisposable
{
    private const string Bucket = "cached";
    private static readonly BasicAWSCredentials Credentials = new(ObjectServers.S3AccessKey, ObjectServers.S3SecretKey);
    private static readonly byte[] Content = [.. Enumerable.Range(0, 3 << 20).Select(i => (byte)((i * 31) ^ (i >> 11)))];

    private readonly string _directory = Directory.CreateTempSubdirectory("ddpo-cached-s3-").FullName;
    private readonly FaultyProxy _proxy = new(new Uri(ObjectServers.S3));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private int Fetches => _proxy.Requests.Count(asked => asked.IsRead);

    public async ValueTask InitializeAsync()
    {
        using var client = new AmazonS3Client(Credentials, new AmazonS3Config { ServiceURL = ObjectServers.S3, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        await client.PutBucketAsync(Bucket, Stop);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _proxy.Dispose();
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_body_is_fetched_once_and_again_when_its_copy_is_damaged()
    {
        var uri = StorageUri.Parse($"s3://{Bucket}/{Guid.NewGuid():n}");
        var remote = new S3Store(new S3Options { Endpoint = _proxy.Address }, new Retries(TimeProvider.System, TimeSpan.FromMilliseconds(1)), Credentials);
        await remote.WriteAsync(uri, (into, stop) => into.WriteAsync(Content, stop), Stop);
        await IsReadAsync(remote, uri, fetches: 1);
        await IsReadAsync(remote, uri, fetches: 1);
        Damage();
        await IsReadAsync(remote, uri, fetches: 2);
        await IsReadAsync(remote, uri, fetches: 2);
    }

    /// <summary>Reads as a process that has just started.</summary>
    private async Task IsReadAsync(S3Store remote, StorageUri uri, int fetches)
    {
        var store = new CachedStore(remote, new DiskCache(_directory, 1 << 30));
        var bytes = new byte[Content.Length];
        await store.ReadAsync(uri, 0, bytes, Stop);
        Assert.Equal(Content, bytes);
        Assert.Equal(fetches, Fetches);
    }

    private void Damage()
    {
        var segment = new DirectoryInfo(_directory).GetFiles("*", SearchOption.AllDirectories).Single(file => file.Length > Content.Length);
        using var file = segment.Open(FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length - 1_000;
        var before = (byte)file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(before ^ 1));
    }
}
