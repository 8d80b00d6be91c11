namespace DiffusionDpo.Storage.Remote;

/// <summary>Requests to one service: each limited in time, tried again where that may help, and failing in words.</summary>
/// <param name="endpoint">The service, for words.</param>
/// <param name="retries">When to try again.</param>
internal sealed class RemoteCalls(string endpoint, Retries retries)
{
    /// <summary>Runs a request until it succeeds.</summary>
    /// <param name="uri">What a failure names.</param>
    /// <param name="bytes">How much the request carries either way.</param>
    /// <param name="request">One try.</param>
    /// <param name="translate">What the service's own library reports, in our words; null where an exception is none of it.</param>
    /// <param name="cancellation">The caller's.</param>
    /// <exception cref="Api.Failures.RunException">It failed, and trying again would not help or did not.</exception>
    public ValueTask<T> RunAsync<T>(
        StorageUri uri, long bytes, Func<CancellationToken, ValueTask<T>> request, Func<Exception, RemoteFailure?> translate, CancellationToken cancellation) =>
        retries.RunAsync(uri, token => Attempt.RunAsync(endpoint, bytes, request, translate, token), cancellation);
}
