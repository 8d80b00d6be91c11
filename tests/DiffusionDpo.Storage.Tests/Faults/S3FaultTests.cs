using System.Text.RegularExpressions;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Shared;
using DiffusionDpo.Storage.Remote;
using DiffusionDpo.Storage.S3;
using Xunit;

namespace DiffusionDpo.Storage.Tests.Faults;

/// <summary>Faults before a real S3 server, and what one user of it denies another.</summary>
public sealed partial class S3FaultTests : RemoteFaultContract, IAsyncLifetime, IDisposable
{
    private const string Bucket = "faults";

    private readonly AmazonS3Client client = new(
        new BasicAWSCredentials(ObjectServers.S3AccessKey, ObjectServers.S3SecretKey),
        new AmazonS3Config { ServiceURL = ObjectServers.S3, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });

    protected override IObjectStore Store { get; } = StoreOf(ObjectServers.S3, TimeProvider.System, ObjectServers.S3AccessKey, ObjectServers.S3SecretKey);

    protected override StorageUri Root { get; } = StorageUri.Parse($"s3://{Bucket}/{Guid.NewGuid():n}");

    private protected override Uri Server => new(ObjectServers.S3);

    /// <summary>The server itself looks at the time before it looks at the signature.</summary>
    private protected override Fault Skewed { get; } = new Fault.Reword(head => TimeOfRequest().Replace(head, "$1: 20200101T000000Z"));

    public async ValueTask InitializeAsync() => await client.PutBucketAsync(Bucket, Stop);

    public async ValueTask DisposeAsync()
    {
        await Store.DeleteAsync(Root.Combine("object"), CancellationToken.None); // the server keeps all in memory
        Dispose();
    }

    public void Dispose() => client.Dispose();

    [Fact]
    public async Task A_prefix_that_a_policy_denies_is_an_auth_error_that_names_the_object()
    {
        await client.PutBucketPolicyAsync(Bucket, Policy(Root.Key), Stop);
        var guest = StoreOf(ObjectServers.S3, TimeProvider.System, ObjectServers.S3GuestAccessKey, ObjectServers.S3GuestSecretKey);
        var (open, denied) = (Root.Combine("open/object"), Root.Combine("denied/object"));
        await guest.WriteAsync(open, Bytes([1]), Stop);
        await Store.WriteAsync(denied, Bytes([2]), Stop);
        Assert.Equal([1], await BytesOfAsync(guest, open));
        await FailsAsync(ExitClass.AuthError, denied, () => guest.ReadAsync(denied, 0, new byte[1], Stop));
        await FailsAsync(ExitClass.AuthError, denied, async () => await guest.FindAsync(denied, Stop));
        await FailsAsync(ExitClass.AuthError, denied, () => guest.WriteAsync(denied, Bytes([3]), Stop));
        await FailsAsync(ExitClass.AuthError, denied, () => guest.WriteAsync(denied, Bytes(new byte[9 << 20]), Stop));
        await FailsAsync(ExitClass.AuthError, denied, () => guest.DeleteAsync(denied, Stop));
        Assert.Equal([2], await BytesOfAsync(Store, denied));
    }

    protected override IObjectStore StoreAt(string endpoint, TimeProvider time) => StoreOf(endpoint, time, ObjectServers.S3AccessKey, ObjectServers.S3SecretKey);

    protected override async Task NothingIsUnfinishedAsync()
    {
        var uploads = await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = Bucket, Prefix = Root.Key }, Stop);
        Assert.Empty(uploads.MultipartUploads ?? []);
    }

    private static S3Store StoreOf(string endpoint, TimeProvider time, string key, string secret) =>
        new(new S3Options { Endpoint = endpoint }, new Retries(time, TimeSpan.FromMilliseconds(200)), new BasicAWSCredentials(key, secret));

    private static string Policy(string prefix) => $$"""
        {
          "Version": "2012-10-17",
          "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": ["arn:aws:iam:::user/{{ObjectServers.S3Guest}}"] }, "Action": "s3:*", "Resource": ["arn:aws:s3:::{{Bucket}}", "arn:aws:s3:::{{Bucket}}/*"] },
            { "Effect": "Deny", "Principal": { "AWS": ["arn:aws:iam:::user/{{ObjectServers.S3Guest}}"] }, "Action": "s3:*", "Resource": ["arn:aws:s3:::{{Bucket}}/{{prefix}}/denied/*"] }
          ]
        }
        """;

    [GeneratedRegex("(x-amz-date): [0-9TZ]+", RegexOptions.IgnoreCase)] private static partial Regex TimeOfRequest();
}
