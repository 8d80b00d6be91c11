using System.Collections.Concurrent;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Storage.S3;

/// <summary>Connections to S3, one client for each region that buckets turn out to be in. Credentials come from the default chain.</summary>
/// <param name="options">The service.</param>
/// <param name="credentials">Credentials of a test; null: the chain's.</param>
internal sealed class S3Clients(S3Options options, AWSCredentials? credentials)
{
    private const string DefaultRegion = "us-east-1";

    private readonly ConcurrentDictionary<string, string> regionOfBucket = [];
    private readonly ConcurrentDictionary<string, Lazy<AmazonS3Client>> clients = [];
    private readonly Lazy<string> home = new(() => HomeOf(options));
    private volatile bool hasAccepted;

    /// <summary>The service in words.</summary>
    public string Endpoint { get; } = options.Endpoint.Length > 0 ? options.Endpoint : "AWS S3";

    /// <summary>Whether it is encrypted on the way, so that payloads need no signature of their own.</summary>
    public bool IsEncrypted { get; } = !options.Endpoint.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a signature was right before: then one that is wrong means content that was damaged on its way, not a wrong key.</summary>
    public bool HasAccepted => hasAccepted;

    /// <summary>Notes that a request was accepted.</summary>
    public void Accept() => hasAccepted = true;

    /// <summary>The client for a bucket.</summary>
    public AmazonS3Client For(string bucket) =>
        clients.GetOrAdd(regionOfBucket.GetValueOrDefault(bucket, home.Value), region => new(() => Make(region))).Value;

    /// <summary>Remembers where a bucket is.</summary>
    /// <returns>Whether that was news.</returns>
    public bool Learn(string bucket, string region)
    {
        if (options.Endpoint.Length > 0 || region == regionOfBucket.GetValueOrDefault(bucket, home.Value)) return false;
        regionOfBucket[bucket] = region;
        return true;
    }

    private AmazonS3Client Make(string region)
    {
        var isForeign = options.Endpoint.Length > 0;
        var always = options.Checksums switch { S3Checksums.Always => true, S3Checksums.Required => false, _ => !isForeign };
        var config = new AmazonS3Config
        {
            MaxErrorRetry = 0, // Retries
            MaxStaleConnectionRetries = 0,
            Timeout = System.Threading.Timeout.InfiniteTimeSpan, // Attempt
            ForcePathStyle = options.PathStyle switch { S3PathStyle.Always => true, S3PathStyle.Never => false, _ => isForeign },
            RequestChecksumCalculation = always ? RequestChecksumCalculation.WHEN_SUPPORTED : RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = always ? ResponseChecksumValidation.WHEN_SUPPORTED : ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (isForeign)
        {
            config.ServiceURL = options.Endpoint;
            config.AuthenticationRegion = region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        return credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config);
    }

    private static string HomeOf(S3Options options)
    {
        if (options.Region.Length > 0) return options.Region;
        var told = Environment.GetEnvironmentVariable("AWS_REGION") ?? Environment.GetEnvironmentVariable("AWS_DEFAULT_REGION");
        if (!string.IsNullOrEmpty(told)) return told;
        // Asking the instance makes no sense elsewhere and takes seconds.
        return options.Endpoint.Length > 0 ? DefaultRegion : FallbackRegionFactory.GetRegionEndpoint()?.SystemName ?? DefaultRegion;
    }
}
