namespace DiffusionDpo.Operator.Progress;

/// <summary>HTTP to trainers: nothing between, nothing kept, no redirect to anywhere.</summary>
internal static class ProgressHttp
{
    /// <summary>A client.</summary>
    public static HttpClient Client() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
        ConnectTimeout = TimeSpan.FromSeconds(2),
        MaxResponseHeadersLength = 16,
        // What is left of an answer that was too long or too slow is not waited for.
        MaxResponseDrainSize = 0,
    });
}
