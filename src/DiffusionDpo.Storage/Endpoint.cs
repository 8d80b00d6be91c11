using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Storage;

/// <summary>Addresses of services, as run files have them: these may be written by hand, so that no rule of a fine-tune has looked at them.</summary>
internal static class Endpoint
{
    /// <summary>Refuses what is no bare address, and repeats nothing of it: a query or a user name may hold a secret.</summary>
    public static void Check(StorageOptions options)
    {
        Check("storage.s3.endpoint", options.S3.Endpoint);
        Check("storage.azure.endpoint", options.Azure.Endpoint.Replace("{account}", "account", StringComparison.Ordinal));
    }

    private static void Check(string field, string endpoint)
    {
        if (endpoint.Length == 0) return;
        var isPlain = Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            && uri is { UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 };
        if (isPlain && endpoint.AsSpan().IndexOfAny('?', '@', '#') < 0) return;
        throw new RunException(
            ExitClass.ConfigurationError, $"{field} is not the bare address of a service; give https://host or http://host:port, without credentials and query");
    }
}
