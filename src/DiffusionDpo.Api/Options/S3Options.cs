using System.Text.Json.Serialization;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>How s3:// is reached.</summary>
public sealed record S3Options
{
    /// <summary>Address of a service with S3's interface, such as https://minio.example:9000. Empty: AWS.</summary>
    [Length(0, 1024)]
    public string Endpoint { get; init; } = "";

    /// <summary>
    /// Region of the buckets. Empty: as AWS_REGION, the profile or the instance says, else us-east-1; at AWS a bucket of another region is found by
    /// itself.
    /// </summary>
    [Length(0, 64)]
    public string Region { get; init; } = "";

    /// <summary>Whether the bucket stands in the path of requests or in their host name.</summary>
    public S3PathStyle PathStyle { get; init; } = S3PathStyle.Auto;

    /// <summary>Which uploads carry a CRC beside the signature; services other than AWS often do not know it.</summary>
    public S3Checksums Checksums { get; init; } = S3Checksums.Auto;
}

/// <summary>Where the bucket stands in requests.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<S3PathStyle>))]
public enum S3PathStyle
{
    /// <summary>In the host name at AWS, in the path where an endpoint is given.</summary>
    [JsonStringEnumMemberName("auto")] Auto,

    /// <summary>In the path.</summary>
    [JsonStringEnumMemberName("always")] Always,

    /// <summary>In the host name.</summary>
    [JsonStringEnumMemberName("never")] Never,
}

/// <summary>Which requests carry a CRC.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<S3Checksums>))]
public enum S3Checksums
{
    /// <summary>All uploads at AWS, and only what S3 demands where an endpoint is given. An MD5 goes with every upload anyway.</summary>
    [JsonStringEnumMemberName("auto")] Auto,

    /// <summary>Only what S3 demands.</summary>
    [JsonStringEnumMemberName("required")] Required,

    /// <summary>All uploads.</summary>
    [JsonStringEnumMemberName("always")] Always,
}
