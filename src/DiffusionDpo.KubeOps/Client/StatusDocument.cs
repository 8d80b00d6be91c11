using System.Net;
using DiffusionDpo.KubeOps.Texts;
using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>Refusals of the API server.</summary>
internal static class StatusDocument
{
    private const int MostBytes = 64 << 10;
    private const int MostCharacters = 2048;

    /// <summary>The refusal that an answer is.</summary>
    public static async Task<ApiException> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var after = answer.Headers.RetryAfter?.Delta;
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var buffer = new byte[MostBytes];
            var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return Of(answer.StatusCode, KubernetesJson.Deserialize<V1Status>(new MemoryStream(buffer, 0, read)), after);
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or IOException or HttpRequestException or NotSupportedException)
        {
            return Of(answer.StatusCode, null, after);
        }
    }

    /// <summary>The refusal that a Status document tells of.</summary>
    public static ApiException Of(HttpStatusCode code, V1Status? status, TimeSpan? after = null) =>
        new(code, status?.Reason ?? $"{code}", Message(status) ?? $"the API server answered {(int)code} {code}") { RetryAfter = after };

    // It repeats what it refuses, whatever that is.
    private static string? Message(V1Status? status) => status?.Message is { } said ? ForeignText.OneLine(said, MostCharacters) : null;
}
