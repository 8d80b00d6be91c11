using Amazon.Runtime;
using Amazon.S3;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Shared;
using DiffusionDpo.Storage.Remote;
using DiffusionDpo.Storage.S3;
using Xunit;

namespace DiffusionDpo.Storage.Tests;

/// <summary>The contract on a real S3 server.</summary>
public sealed class S3StoreTests : RemoteStoreContract, IAsyncLifetime
{
    private const string Bucket = "contract";

    protected override IObjectStore Store { get; } = StoreOf(ObjectServers.S3AccessKey, ObjectServers.S3SecretKey);

    protected override StorageUri Root { get; } = StorageUri.Parse($"s3://{Bucket}/{Guid.NewGuid():n}");

    protected override StorageUri MissingPlace => StorageUri.Parse("s3://no-such-bucket/object");

    public async ValueTask InitializeAsync()
    {
        using var client = new AmazonS3Client(
            new BasicAWSCredentials(ObjectServers.S3AccessKey, ObjectServers.S3SecretKey),
            new AmazonS3Config { ServiceURL = ObjectServers.S3, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        await client.PutBucketAsync(Bucket, Cancellation);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(ObjectServers.S3AccessKey, "wrong")]
    [InlineData("nobody", ObjectServers.S3SecretKey)]
    public async Task Wrong_credentials_are_an_auth_error_that_does_not_repeat_them(string key, string secret)
    {
        var uri = Root.Combine("object");
        var failure = await FailsAsync(ExitClass.AuthError, uri, () => StoreOf(key, secret).WriteAsync(uri, Text("x"), Cancellation));
        Assert.DoesNotContain(secret, failure.ToString(), StringComparison.Ordinal);
    }

    private protected override Uri Server => new(ObjectServers.S3);

    protected override IObjectStore StoreAt(string endpoint) => new S3Store(
        new S3Options { Endpoint = endpoint }, new Retries(TimeProvider.System, TimeSpan.FromMilliseconds(1)), new BasicAWSCredentials(ObjectServers.S3AccessKey, ObjectServers.S3SecretKey));

    private static S3Store StoreOf(string key, string secret) =>
        new(new S3Options { Endpoint = ObjectServers.S3 }, new Retries(TimeProvider.System, TimeSpan.FromMilliseconds(1)), new BasicAWSCredentials(key, secret));
}
