using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Transfer;
using DiffusionDpo.Api.Options;

namespace Benchmarks.Servers;

/// <summary>S3 and its TransferUtility; credentials are the environment's.</summary>
internal sealed class S3Server(string endpoint) : IObjectServer
{
    private const string Bucket = "benchmarks";

    public string Name => "S3";

    public StorageOptions Options { get; } = new() { S3 = new S3Options { Endpoint = endpoint } };

    public string Place => $"s3://{Bucket}";

    public async Task PrepareAsync()
    {
        using AmazonS3Client client = Client();
        await client.PutBucketAsync(Bucket);
    }

    public async Task UploadAsync(string path, string key)
    {
        using AmazonS3Client client = Client();
        using TransferUtility transfer = new(client, new TransferUtilityConfig { ConcurrentServiceRequests = IObjectServer.PartsAtOnce });
        await transfer.UploadAsync(new TransferUtilityUploadRequest { BucketName = Bucket, Key = key, FilePath = path, PartSize = IObjectServer.PartBytes });
    }

    private AmazonS3Client Client() => new(new AmazonS3Config
    {
        ServiceURL = endpoint,
        ForcePathStyle = true,
        AuthenticationRegion = "us-east-1",
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
    });
}
