using System.Net;
using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Data.Preparation;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Metrics;
using DiffusionDpo.Training.Runs;
using DiffusionDpo.Training.Status;
using DiffusionDpo.Training.Steps;
using Xunit;

namespace DiffusionDpo.Training.Tests.Status;

public sealed class StatusServerTests
{
    private static readonly TrainingProgress Progress =
        new() { Step = 5, TotalSteps = 9, Loss = 0.5, PairsPerSecond = 3, UpdatedAt = DateTimeOffset.UnixEpoch };

    private static readonly TrainingEvent[] Events =
    [
        new RunStarted(Progress, 10, 2, null),
        new StepCompleted(
            new(5, 4, 0.5, double.NaN, 0.25)
            {
                WinnerExcess = -0.01, LoserExcess = 0.02, ReferenceError = 0.15, GradientNorm = 2, LearningRate = 1e-5, Phases = [.. Enum.GetValues<StepPhase>().Select(phase => TimeSpan.FromSeconds(1 + (int)phase))],
            },
            Progress),
        new CheckpointSaved(new() { Step = 5, Uri = "/out/step-00000005", Sha256 = "ab", Time = DateTimeOffset.UnixEpoch, WorldSize = 1 }, TimeSpan.FromSeconds(2)),
        new HeldOutMeasured(new(5, 2, 0.75, 0.6, 0.9)),
        new BadRowSkipped(new("shard", 0, 1, "no image")),
    ];

    private readonly StatusBoard board = new();
    private readonly TrainerMetrics metrics = new();

    [Fact]
    public async Task Status_says_where_the_run_is()
    {
        await using StatusServer server = await Start();
        using JsonDocument before = JsonDocument.Parse(await Get(server, "status"));
        Assert.Equal("Starting", before.RootElement.GetProperty("phase").GetString());
        foreach (TrainingEvent each in Events) board.Observe(each);
        using JsonDocument status = JsonDocument.Parse(await Get(server, "status"));
        Assert.Equal("Training", status.RootElement.GetProperty("phase").GetString());
        Assert.Equal(5, status.RootElement.GetProperty("progress").GetProperty("step").GetInt32());
        Assert.Equal("ab", status.RootElement.GetProperty("lastCheckpoint").GetProperty("sha256").GetString());
        Assert.Equal(0.75, status.RootElement.GetProperty("heldOut").GetProperty("accuracy").GetDouble());
    }

    [Fact]
    public async Task Status_says_how_far_preparing_is_until_training_begins()
    {
        await using StatusServer server = await Start();
        board.Observe(Preparing(new PreparationProgress("encoding images and prompts", 30, 90, 15)));
        using JsonDocument status = JsonDocument.Parse(await Get(server, "status"));
        Assert.Equal("Preparing", status.RootElement.GetProperty("phase").GetString());
        Assert.Equal(
            """{"work":"encoding images and prompts","done":30,"total":90,"perSecond":15,"etaSeconds":4,"updatedAt":"1970-01-01T00:00:00+00:00"}""",
            status.RootElement.GetProperty("preparation").GetRawText());
        board.Observe(new MemoryPlanned(null!));
        Assert.Equal(("Starting", null), (board.Current.Phase, board.Current.Preparation));
    }

    [Fact]
    public void What_other_workers_are_waited_for_and_what_is_scored_is_progress_too()
    {
        PreparationStatus waiting = Preparing(new PreparationWaiting("objects to be written", 12, "first")), scoring = Preparing(new PreparationScored(new("shard", 2, 5, false, 40)));
        Assert.Equal(("waiting for objects to be written", 0, 12), (waiting.Work, waiting.Done, waiting.Total));
        Assert.Equal(("scoring shards", 2, 5), (scoring.Work, scoring.Done, scoring.Total));
        Assert.Null(PreparationReading.Of(new PreparationStarted("place", 1, 10, 0, 1), DateTimeOffset.UnixEpoch));
    }

    /// <summary>Names of metrics are a contract with dashboards; docs/metrics.md is where it stands.</summary>
    [Fact]
    public async Task Metrics_are_those_of_the_documentation()
    {
        await using StatusServer server = await Start();
        metrics.Observe(Preparing(new PreparationProgress("looking at pairs", 30, 90, 15)));
        foreach (TrainingEvent each in Events) metrics.Observe(each);
        string text = await Get(server, "metrics");
        string[] names = [.. text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];
        Assert.Equal(DocumentedNames().Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
        Assert.Contains("dpo_train_step 5\n", text);
        Assert.Contains("dpo_train_phase_seconds_total{phase=\"backward\"} 5\n", text);
        Assert.Contains("dpo_train_step_seconds_sum 21\n", text);
        Assert.Contains("dpo_prepare_done{work=\"looking at pairs\"} 30\n", text);
        Assert.Contains("dpo_prepare_total{work=\"looking at pairs\"} 90\n", text);
        Assert.Contains("dpo_prepare_per_second{work=\"looking at pairs\"} 15\n", text);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_a_configuration_error()
    {
        await using StatusServer server = await Start();
        Assert.Equal("ok\n", await Get(server, "healthz"));
        RunException failure = await Assert.ThrowsAsync<RunException>(() => StatusServer.StartAsync(board, metrics, server.Port, IPAddress.Loopback));
        Assert.Equal(ExitClass.ConfigurationError, failure.ExitClass);
    }

    private static IEnumerable<string> DocumentedNames() => File.ReadLines(Repository.Path("docs", "metrics.md"))
        .Where(line => line.StartsWith("| `dpo_train_", StringComparison.Ordinal) || line.StartsWith("| `dpo_prepare_", StringComparison.Ordinal)).Select(line => line.Split('`')[1]);

    private static PreparationStatus Preparing(PreparationEvent happened) => PreparationReading.Of(happened, DateTimeOffset.UnixEpoch)!;

    private Task<StatusServer> Start() => StatusServer.StartAsync(board, metrics, 0);

    private static async Task<string> Get(StatusServer server, string path)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri($"http://127.0.0.1:{server.Port}/{path}"), TestContext.Current.CancellationToken);
    }
}
