using System.Net;

namespace DiffusionDpo.KubeOps.Tests.Client;

/// <summary>Answers one after the other as the test says; null: no connection. Notes when it was asked.</summary>
internal sealed class ScriptedServer(TimeProvider time, params HttpStatusCode?[] answers) : HttpMessageHandler
{
    private readonly DateTimeOffset _start = time.GetUtcNow();

    public List<double> AskedAt { get; } = [];

    public TimeSpan? RetryAfter { get; init; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        AskedAt.Add((time.GetUtcNow() - _start).TotalSeconds);
        if (answers[Math.Min(AskedAt.Count, answers.Length) - 1] is not { } code) throw new HttpRequestException("connection refused");
        HttpResponseMessage answer = new(code);
        if (RetryAfter is { } wait && (int)code >= 400) answer.Headers.RetryAfter = new(wait);
        return Task.FromResult(answer);
    }
}
