using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Operator.Tests.Modelling;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.Operator.Tests.Reconciling;

/// <summary>
/// How a pod ends, and what follows: one row per row of the contract of exit classes. The end comes over the Job controller and the caches;
/// attempt, budget, condition, event and metric come out.
/// </summary>
public sealed class ExitClassTableTests
{
    public enum Then
    {
        Fails,
        RetriesFree,
        RetriesOnce,
        RetriesOnInfraBudget,
        RetriesOnAppBudget,
    }

    public static TheoryData<string, Action<object>, string, Then> Rows => new()
    {
        { "64 wrong arguments", End(64), "UserError", Then.Fails },
        { "78 wrong configuration", End(78), "ConfigurationError", Then.Fails },
        { "65 bad shard", End(65), "DataError", Then.Fails },
        { "66 missing input", End(66), "InputMissing", Then.Fails },
        { "77 denied", End(77), "AuthError", Then.RetriesOnce },
        { "74 storage", End(74), "StorageError", Then.RetriesOnInfraBudget },
        { "75 transient", End(75), "Transient", Then.RetriesOnInfraBudget },
        { "80 CUDA out of memory", End(80), "CudaOutOfMemory", Then.Fails },
        { "81 every rank lost a peer", End(81), "PeerLost", Then.RetriesOnInfraBudget },
        { "82 GPU fault", End(82), "GpuFault", Then.RetriesOnInfraBudget },
        { "83 diverged", End(83), "Diverged", Then.RetriesOnce },
        { "84 hang", End(84), "Hang", Then.RetriesOnInfraBudget },
        { "85 corrupt checkpoint", End(85), "CheckpointCorrupt", Then.RetriesOnInfraBudget },
        { "86 saved and stopped", End(86), "PreemptedSaved", Then.RetriesFree },
        { "93 never restart", End(93), "NeverRestart", Then.Fails },
        { "137 and OOMKilled", End(137, reason: "OOMKilled"), "HostOutOfMemory", Then.RetriesOnce },
        { "137 and DisruptionTarget", c => ((ModelCluster)c).Evict(0), "Preempted", Then.RetriesFree },
        { "143 and DisruptionTarget", c => ((ModelCluster)c).Evict(0, 143), "Preempted", Then.RetriesFree },
        { "137 and nobody says why", End(137), "Unknown", Then.RetriesOnAppBudget },
        { "143 and nobody says why", End(143), "Unknown", Then.RetriesOnAppBudget },
        { "70 a defect", End(70), "InternalError", Then.RetriesOnAppBudget },
        { "1", End(1), "Unknown", Then.RetriesOnAppBudget },
        { "255", End(255), "Unknown", Then.RetriesOnAppBudget },
        { "the Job is gone without a trace", c => ((ModelCluster)c).DeleteNewestJob(), "Vanished", Then.RetriesOnInfraBudget },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task An_end_has_its_consequence(string name, Action<object> end, string expected, Then then)
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        ModelCluster cluster = new(Samples.FineTune(), time);
        using ModelOperator operators = new(cluster, time);
        await FailOnceAsync(cluster, operators, time, end);

        var status = cluster.Status;
        Assert.Equal(expected, status.Attempts[0].Class);
        Assert.Contains($"dpo_finetune_attempts_total{{stage=\"train\",class=\"{expected}\"}} 1", await operators.MetricsAsync());
        Assert.Contains(cluster.Events, e => e.StartsWith(then is Then.RetriesFree ? $"Normal {expected}" : $"Warning {expected}", StringComparison.Ordinal));
        Assert.True(status.Attempts[0].GpuSeconds > 0 || expected == "Vanished", name);
        if (then is Then.Fails)
        {
            AssertFailed(status, expected);
            await operators.PassAsync(TimeSpan.FromDays(1));
            Assert.Single(cluster.Created);
            return;
        }

        var retries = status.Retries!;
        Assert.Equal(then is Then.RetriesOnInfraBudget ? 1 : 0, retries.InfraRestarts);
        Assert.Equal(then is Then.RetriesOnAppBudget ? 1 : 0, retries.Restarts);
        Assert.Equal(then is Then.RetriesOnce ? [expected] : [], retries.UsedOnce);
        Assert.Equal(then is Then.RetriesFree ? 0 : 1, retries.WithoutProgress);
        await operators.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(2, cluster.Created.Count);
        cluster.RunPods();
        await operators.SettleAsync();
        Assert.Contains("dpo_finetune_time_to_recover_seconds_count 1", await operators.MetricsAsync());
        if (then is Then.RetriesOnce)
        {
            await FailOnceAsync(cluster, operators, time, end);
            AssertFailed(cluster.Status, expected);
        }
    }

    [Theory]
    [InlineData(74, "InfraRestartsUsedUp", 2)]
    [InlineData(1, "RestartsUsedUp", 1)]
    [InlineData(86, null, 0)]
    public async Task Budgets_end(int code, string? reason, int restarts)
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        ModelCluster cluster = new(
            Samples.FineTune(spec => spec with { RetryPolicy = new RetryPolicyOptions { MaxRestarts = 1, MaxInfraRestarts = 2, NoProgressLimit = 100 } }), time);
        using ModelOperator operators = new(cluster, time);
        for (var i = 0; i < 12 && cluster.Status?.Phase is not FineTunePhase.Failed; i++)
        {
            await FailOnceAsync(cluster, operators, time, End(code));
            await operators.PassAsync(TimeSpan.FromMinutes(20));
        }

        if (reason is null) Assert.Equal(13, cluster.Created.Count);
        else Assert.Equal(restarts + 1, cluster.Created.Count);
        Assert.Equal(reason, cluster.Status!.Conditions.SingleOrDefault(c => c is { Type: "Stalled" })?.Reason);
    }

    [Fact]
    public async Task Restarts_without_a_newer_checkpoint_end_the_run_and_a_newer_one_gives_all_restarts_back()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        ModelCluster cluster = new(Samples.FineTune(spec => spec with { RetryPolicy = new RetryPolicyOptions { MaxRestarts = 2, NoProgressLimit = 2 } }), time);
        using ModelOperator operators = new(cluster, time);
        for (var step = 100; step <= 600; step += 100)
        {
            await FailOnceAsync(cluster, operators, time, End(1, Words(ExitClass.InternalError, 1, step)));
            await operators.PassAsync(TimeSpan.FromMinutes(20));
        }

        // Exit code 1 contradicts the message: nothing of it is believed.
        Assert.Null(cluster.Status.LastCheckpoint);
        Assert.Equal(FineTunePhase.Failed, cluster.Status.Phase);
        Assert.Equal(3, cluster.Created.Count);

        cluster.Edit(spec => spec with { RunId = "2" });
        await operators.SettleAsync();
        cluster.FinishDeletions();
        await operators.SettleAsync();
        for (var step = 100; step <= 600; step += 100)
        {
            await FailOnceAsync(cluster, operators, time, End(70, Words(ExitClass.InternalError, 70, step)));
            await operators.PassAsync(TimeSpan.FromMinutes(20));
            Assert.Equal(step, cluster.Status.LastCheckpoint?.Step);
            Assert.NotEqual(FineTunePhase.Failed, cluster.Status.Phase);
        }

        for (var i = 0; i < 3; i++)
        {
            await FailOnceAsync(cluster, operators, time, End(70, Words(ExitClass.InternalError, 70, 600)));
            await operators.PassAsync(TimeSpan.FromMinutes(20));
        }

        Assert.Equal("RestartsUsedUp", cluster.Status.Conditions.Single(c => c.Type == "Failed").Reason);
    }

    [Fact]
    public async Task A_lost_peer_is_never_the_cause_when_another_rank_failed()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        ModelCluster cluster = new(Samples.FineTune(), time);
        using ModelOperator operators = new(cluster, time);
        await operators.SettleAsync();
        cluster.RunPods();
        time.Advance(TimeSpan.FromMinutes(1));
        cluster.Exit(0, 81);
        time.Advance(TimeSpan.FromSeconds(5));
        cluster.Exit(1, 82, Words(ExitClass.GpuFault, 82, 0));
        await operators.SettleAsync();
        var attempt = cluster.Status.Attempts[0];
        Assert.Equal(("GpuFault", 1, "node-1"), (attempt.Class, attempt.Rank, attempt.Node));
    }

    [Fact]
    public async Task After_divergence_the_next_attempt_goes_on_before_the_newest_checkpoint_until_there_is_a_newer_one()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        ModelCluster cluster = new(Samples.FineTune(), time);
        using ModelOperator operators = new(cluster, time);
        await FailOnceAsync(cluster, operators, time, End(83, Words(ExitClass.Diverged, 83, 300)));
        await operators.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(["--resume-before", "300"], Arguments(cluster).TakeLast(2));
        await FailOnceAsync(cluster, operators, time, c => ((ModelCluster)c).Evict(0));
        await operators.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(["--resume-before", "300"], Arguments(cluster).TakeLast(2));
        await FailOnceAsync(cluster, operators, time, End(86, Words(ExitClass.PreemptedSaved, 86, 400)));
        await operators.PassAsync(TimeSpan.FromMinutes(1));
        Assert.DoesNotContain("--resume-before", Arguments(cluster));
    }

    [Fact]
    public async Task After_a_corrupt_checkpoint_the_next_attempt_may_pass_over_it()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        ModelCluster cluster = new(Samples.FineTune(), time);
        using ModelOperator operators = new(cluster, time);
        await FailOnceAsync(cluster, operators, time, End(85));
        await operators.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("--previous-checkpoint", Arguments(cluster));
    }

    private static IEnumerable<string> Arguments(ModelCluster cluster) => cluster.Created[^1].Spec.Template.Spec.Containers[0].Args;

    private static Action<object> End(int code, string? message = null, string? reason = null) => cluster =>
    {
        for (var i = 0; i < 2; i++) ((ModelCluster)cluster).Exit(i, code, message, reason);
    };

    private static string Words(ExitClass claimed, int code, int step)
    {
        var words = new TerminationMessage
        {
            Class = claimed,
            Step = step,
            LastCheckpoint = new CheckpointStatus { Step = step, Uri = $"/runs/first/checkpoints/{step}", Sha256 = new string('a', 64), Time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), WorldSize = 8 },
            Message = "it broke",
        };
        return code == words.Code ? words.ToJson() : JsonSerializer.Serialize(words, JsonSerializerOptions.Web);
    }

    private static async Task FailOnceAsync(ModelCluster cluster, ModelOperator operators, FakeTimeProvider time, Action<object> end)
    {
        await operators.SettleAsync();
        cluster.RunPods();
        await operators.SettleAsync();
        time.Advance(TimeSpan.FromMinutes(1));
        end(cluster);
        cluster.FinishDeletions();
        await operators.SettleAsync();
    }

    private static void AssertFailed(DpoFineTuneStatus status, string reason)
    {
        Assert.Equal(FineTunePhase.Failed, status.Phase);
        Assert.NotNull(status.CompletionTime);
        var failed = status.Conditions.Single(c => c.Type == "Failed");
        Assert.Equal(("True", reason), (failed.Status, failed.Reason));
        Assert.Contains("spec.", failed.Message); // says what to change
        Assert.Equal(failed.Message, status.Conditions.Single(c => c.Type == "Stalled").Message);
        Assert.Equal("False", status.Conditions.Single(c => c.Type == "Ready").Status);
    }
}
