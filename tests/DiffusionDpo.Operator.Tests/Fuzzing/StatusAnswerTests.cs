using System.Text;
using CsCheck;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Progress;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.Operator.Tests.Fuzzing;

/// <summary>Whatever a trainer answers on /status, and however: the operator takes what makes sense, within its time and room, or nothing.</summary>
public sealed class StatusAnswerTests
{
    private const long MostBytes = 32 << 20;
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 30, TimeSpan.Zero);
    private static readonly int s_times = Environment.GetEnvironmentVariable("DDPO_LONG") == "1" ? 20 : 1;

    [Fact]
    public void Any_text_is_a_report_that_fits_the_status_or_none()
    {
        var reports = 0;
        HostileJson.Bytes(TrainerWords.Answers).Sample(
            body =>
            {
                var report = ProgressReader.Parse(body, s_now);
                if (report is not null) Interlocked.Increment(ref reports);
                AssertFits(report);
            },
            iter: 5000 * s_times,
            threads: 1,
            print: Encoding.UTF8.GetString);
        // Damage that nothing survives would prove nothing.
        Assert.InRange(reports, 1000, 4500 * s_times);
    }

    [Fact]
    public async Task Any_answer_ends_in_time_and_takes_little_room()
    {
        await using HostileTrainer trainer = new();
        FakeTimeProvider time = new(s_now);
        using var http = ProgressHttp.Client();
        using ProgressReader reader = new(http, new OperatorOptions { TrainerPort = trainer.Port }, time);
        var (asked, reports) = (0, 0);
        var bodies = Gen.Select(Gen.Int[0, HostileTrainer.Ways.Count - 1], HostileJson.Bytes(TrainerWords.Answers)).Array[400 * s_times].Single();
        foreach (var (way, body) in bodies)
        {
            trainer.Answers.Enqueue((way, body));
            var pod = Pod($"p{asked}");
            var report = await AskAsync(reader, time, new ObjectKey("team", $"f{asked++}"), pod);
            if (!HostileTrainer.Ways[way].IsHonest) Assert.True(report is null, HostileTrainer.Ways[way].Name);
            else Assert.Equal(ProgressReader.Parse(body.Length < 64 << 10 ? body : [], s_now) is null, report is null);
            AssertFits(report);
            reports += report is null ? 0 : 1;
        }

        Assert.All(trainer.Requests, request => Assert.Equal("GET /status HTTP/1.1", request));
        // A connection that breaks before an answer is tried again, three times at most.
        Assert.InRange(trainer.Requests.Count, asked, 4 * asked);
        Assert.InRange(reports, asked / 50, asked / 3);
        // What the sockets of both ends hold is all that an endless answer gets rid of.
        Assert.InRange(trainer.LongestAnswer, 64 << 10, MostBytes);
    }

    [Theory]
    [InlineData("127.0.0.1:1/elsewhere?")]
    [InlineData("evil.example")]
    [InlineData("user@127.0.0.1")]
    [InlineData("127.0.0.1#")]
    [InlineData("")]
    public void An_address_that_is_none_is_not_asked(string address)
    {
        using var http = new HttpClient(new Refusing());
        using ProgressReader reader = new(http, new OperatorOptions(), new FakeTimeProvider(s_now));
        Assert.Null(reader.Latest(new ObjectKey("team", "f"), Pod("p") with { Address = address }, out var again));
        Assert.Null(again);
    }

    private static PodView Pod(string name) => new()
    {
        Key = new ObjectKey("team", name), FineTune = new ObjectKey("team", name), Attempt = 1, Index = 0, Created = s_now, Phase = "Running", Address = "127.0.0.1",
    };

    /// <summary>Asks; time passes only while the answer does not come.</summary>
    private static async Task<ProgressReport?> AskAsync(ProgressReader reader, FakeTimeProvider time, ObjectKey key, PodView pod)
    {
        var start = time.GetUtcNow();
        for (var round = 1; ; round++)
        {
            var report = reader.Latest(key, pod, out var again);
            if (again > time.GetUtcNow().AddSeconds(1)) return report;
            Assert.InRange(time.GetUtcNow() - start, TimeSpan.Zero, TimeSpan.FromSeconds(3));
            await Task.Delay(1);
            // A connection may need a moment; what stalls never comes.
            if (round % 50 == 0) time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static void AssertFits(ProgressReport? report)
    {
        if (report is null) return;
        Assert.InRange(report.Phase.Length, 1, 63);
        if (report.Progress is { } progress)
        {
            Assert.InRange(progress.Step, 0, progress.TotalSteps);
            Assert.True(progress.UpdatedAt <= s_now.AddDays(1));
            foreach (var number in (double?[])[progress.Loss, progress.ImplicitAccuracy, progress.PairsPerSecond, progress.EtaSeconds]) Assert.True(number is null || double.IsFinite(number.Value));
        }

        if (report.Preparation is { } preparation)
        {
            Assert.InRange(preparation.Done, 0, preparation.Total);
            Assert.InRange(preparation.Work.Length, 1, 63);
            Assert.DoesNotContain(preparation.Work, char.IsControl);
            foreach (var number in (double?[])[preparation.PerSecond, preparation.EtaSeconds]) Assert.True(number is null || double.IsFinite(number.Value));
        }

        if (report.LastCheckpoint is not { } checkpoint) return;
        Assert.True(checkpoint is { Step: > 0, WorldSize: > 0, Uri.Length: <= 1024, Sha256.Length: 64 });
        Assert.DoesNotContain(checkpoint.Uri, char.IsControl);
    }

    private sealed class Refusing : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException($"{request.RequestUri} was asked");
    }
}
