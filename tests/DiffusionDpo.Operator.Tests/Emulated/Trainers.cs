using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>What every rank 0 answers on /status: it trains, a step each second.</summary>
internal sealed class Trainers(FakeTimeProvider clock) : HttpMessageHandler
{
    private const int TotalSteps = 100_000;

    /// <summary>Whether they answer at all.</summary>
    public bool Answer { get; set; } = true;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!Answer) throw new HttpRequestException(HttpRequestError.ConnectionError, "no trainer answers");
        var now = clock.GetUtcNow();
        var step = Math.Min(TotalSteps, (int)(now - clock.Start).TotalSeconds);
        var report = $$"""{"phase":"Training","progress":{"step":{{step}},"totalSteps":{{TotalSteps}},"loss":0.69,"updatedAt":"{{now:o}}"} }""";
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(report) });
    }
}
