using System.Net;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>
/// Sends a request again where that is safe: reads, and whatever the API server says it has not even looked at (429, or 503 with
/// Retry-After). A write whose fate is unknown goes back to the controller, which decides on what it then sees.
/// </summary>
internal sealed class RetryHandler(TimeProvider time) : DelegatingHandler
{
    private const int MostTries = 5;
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? after;
            try
            {
                var answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
                if (attempt == MostTries || !MayTryAgain(request, answer)) return answer;
                after = answer.Headers.RetryAfter?.Delta;
                answer.Dispose();
            }
            catch (HttpRequestException) when (attempt < MostTries && request.Method == HttpMethod.Get)
            {
                after = null;
            }

            var wait = after ?? s_first * Math.Pow(2, attempt - 1) * (1 + Jitter.Next(0.5));
            await Task.Delay(wait < s_longest ? wait : s_longest, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool MayTryAgain(HttpRequestMessage request, HttpResponseMessage answer) => answer.StatusCode switch
    {
        HttpStatusCode.TooManyRequests => true,
        HttpStatusCode.ServiceUnavailable when answer.Headers.RetryAfter is not null => true,
        HttpStatusCode.GatewayTimeout => false, // a list of a version that is yet to come: the reflector lists anew
        >= HttpStatusCode.InternalServerError => request.Method == HttpMethod.Get,
        _ => false,
    };
}
