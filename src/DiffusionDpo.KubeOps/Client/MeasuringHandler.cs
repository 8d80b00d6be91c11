using System.Net;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>Counts and times requests.</summary>
internal sealed class MeasuringHandler(ClientMetrics metrics, TimeProvider time) : DelegatingHandler
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        HttpStatusCode? status = null;
        try
        {
            var answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            status = answer.StatusCode;
            return answer;
        }
        finally
        {
            metrics.Answered(request.Method.Method, status, time.GetElapsedTime(start));
        }
    }
}
