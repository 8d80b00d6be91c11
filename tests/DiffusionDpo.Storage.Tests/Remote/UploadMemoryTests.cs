using Amazon.Runtime;
using Amazon.S3;
using Azure.Storage;
using Azure.Storage.Blobs;
using Benchmarks.Measuring;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Shared;
using DiffusionDpo.Storage.Azure;
using DiffusionDpo.Storage.Remote;
using DiffusionDpo.Storage.S3;
using Xunit;

namespace DiffusionDpo.Storage.Tests.Remote;

/// <summary>What is resident while an object is written that is larger than all buffers together.</summary>
public sealed class UploadMemoryTests
{
    private const string Place = "memory";
    private const int Mebibytes = 240;
    private const double MostMebibytes = 128;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Retries Retries => new(TimeProvider.System, TimeSpan.FromMilliseconds(200));

    [Fact]
    public Task S3_takes_a_large_object_from_little_memory()
    {
        var server = ObjectServers.S3; // skips where there is none
        return Alone.RunAsync(async () =>
        {
            var credentials = new BasicAWSCredentials(ObjectServers.S3AccessKey, ObjectServers.S3SecretKey);
            using var client = new AmazonS3Client(credentials, new AmazonS3Config { ServiceURL = server, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
            await client.PutBucketAsync(Place, Stop);
            await IsBoundedAsync(new S3Store(new S3Options { Endpoint = server }, Retries, credentials), StorageUri.Parse($"s3://{Place}/{Guid.NewGuid():n}"));
        });
    }

    [Fact]
    public Task Azure_takes_a_large_object_from_little_memory()
    {
        var server = ObjectServers.Azure;
        return Alone.RunAsync(async () =>
        {
            var credential = new StorageSharedKeyCredential(ObjectServers.AzureAccount, ObjectServers.AzureKey);
            await new BlobContainerClient(new Uri($"{server}/{ObjectServers.AzureAccount}/{Place}"), credential).CreateIfNotExistsAsync(cancellationToken: Stop);
            var store = new AzureStore(new AzureOptions { Endpoint = server }, Retries, variable => variable == "AZURE_STORAGE_KEY" ? ObjectServers.AzureKey : null);
            await IsBoundedAsync(store, StorageUri.Parse($"az://{ObjectServers.AzureAccount}/{Place}/{Guid.NewGuid():n}"));
        });
    }

    private static async Task IsBoundedAsync(IObjectStore store, StorageUri uri)
    {
        await store.WriteAsync(uri, (into, stop) => into.WriteAsync(new byte[1], stop), Stop); // code and connections are there
        ResidentMemory.Settle();
        var before = ResidentMemory.Mebibytes();
        await store.WriteAsync(uri, WriteAsync, Stop);
        Assert.InRange(ResidentMemory.PeakMebibytes() - before, 0, MostMebibytes);
        Assert.Equal((long)Mebibytes << 20, (await store.FindAsync(uri, Stop))!.Size);
        await store.DeleteAsync(uri, Stop);
    }

    private static async ValueTask WriteAsync(Stream into, CancellationToken stop)
    {
        var piece = new byte[1 << 20];
        for (var i = 0; i < Mebibytes; i++)
        {
            piece.AsSpan().Fill((byte)i);
            await into.WriteAsync(piece, stop);
        }
    }
}
