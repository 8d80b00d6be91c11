using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Operator.Reconciling;
using DiffusionDpo.Operator.Tests.Modelling;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.Operator.Tests.Reconciling;

/// <summary>Runs with data.cache: latents, which begin with a stage of their own.</summary>
public sealed class PrepareStageTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ModelCluster _cluster;
    private ModelOperator _operator;

    public PrepareStageTests()
    {
        _cluster = new ModelCluster(Samples.FineTune(spec => spec with { Data = spec.Data with { Cache = DataCache.Latents } }), _time);
        _operator = new ModelOperator(_cluster, _time);
    }

    public void Dispose() => _operator.Dispose();

    [Fact]
    public async Task Preparing_comes_first_on_every_worker_with_one_GPU_each()
    {
        await _operator.SettleAsync();
        var job = Assert.Single(_cluster.Created);
        Assert.EndsWith("-prepare-a1", job.Metadata.Name, StringComparison.Ordinal);
        Assert.Equal(("Indexed", 2, 2, 0), (job.Spec.CompletionMode, job.Spec.Completions, job.Spec.Parallelism, job.Spec.BackoffLimit));
        var container = job.Spec.Template.Spec.Containers.Single();
        Assert.Equal(["train", "--run-file", "/etc/ddpo/prepare.json", "--port", "8080", "--bind", "$(DDPO_POD_ADDRESS)", "--json"], container.Args);
        Assert.Equal("1", container.Resources.Limits["nvidia.com/gpu"].ToString());
        Assert.Equal(("2", "1"), (Variable(container, "DDPO_WORKERS").Value, Variable(container, "DDPO_PROCESSES_PER_WORKER").Value));
        Assert.Equal("metadata.annotations['batch.kubernetes.io/job-completion-index']", Variable(container, "DDPO_WORKER_INDEX").ValueFrom.FieldRef.FieldPath);
    }

    [Fact]
    public async Task Training_begins_only_when_every_worker_has_prepared_its_share()
    {
        await RunAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        _cluster.Exit(1, 0);
        await _operator.PassAsync(TimeSpan.FromHours(1));
        Assert.Single(_cluster.Created);
        _cluster.Exit(0, 0);
        await _operator.SettleAsync();
        Assert.EndsWith("-train-a2", _cluster.Created[^1].Metadata.Name, StringComparison.Ordinal);
        Assert.Equal("4", _cluster.Created[^1].Spec.Template.Spec.Containers[0].Resources.Limits["nvidia.com/gpu"].ToString());
        await FinishAsync();
        await FinishAsync();
        Assert.Equal(FineTunePhase.Complete, _cluster.Status.Phase);
        Assert.Equal(["Prepare Succeeded", "Train Succeeded", "Export Succeeded"], _cluster.Status.Attempts.Select(a => $"{a.Stage} {a.Class}"));
        Assert.Equal(("True", "Prepared", ""), DataReady());
        var writes = _cluster.StatusWrites;
        await _operator.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal((writes, 3), (_cluster.StatusWrites, _cluster.Created.Count));
    }

    [Fact]
    public async Task Of_a_run_that_has_ended_the_condition_stands_though_the_cache_keeps_no_data_options()
    {
        for (var stage = 0; stage < 3; stage++) await FinishAsync();
        var kept = FineTuneProjection.Of(_cluster.FineTune);
        Assert.Null(kept.Spec.Data);
        var again = Decisions.Decide(new Observation(kept, [], [], null, _time.GetUtcNow(), new OperatorOptions()));
        Assert.Equal("True", again.Status.Conditions.Single(c => c.Type == "DataReady").Status);
    }

    [Fact]
    public async Task The_time_to_the_first_step_begins_with_the_run_whatever_came_before_training()
    {
        await RunAsync();
        _cluster.Evict(1);
        _cluster.FinishDeletions();
        await FinishAsync();
        await RunAsync();
        _operator.TrainerSays = $$"""{"phase":"Training","progress":{"step":3,"totalSteps":1000,"updatedAt":"{{_time.GetUtcNow():o}}"} }""";
        await _operator.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(["Prepare", "Prepare", "Train"], _cluster.Status.Attempts.Select(a => $"{a.Stage}"));
        Assert.Contains("dpo_finetune_time_to_first_step_seconds_count 1", await _operator.MetricsAsync());
    }

    [Fact]
    public async Task Bad_data_end_the_run_with_what_the_first_worker_to_fail_said()
    {
        await RunAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        _cluster.Exit(1, 65, new TerminationMessage { Class = ExitClass.DataError, Message = "shard 7 is damaged" }.ToJson());
        _time.Advance(TimeSpan.FromSeconds(1));
        _cluster.FinishDeletions();
        await _operator.SettleAsync();
        var attempt = Assert.Single(_cluster.Status.Attempts);
        Assert.Equal(("DataError", 1, "shard 7 is damaged"), (attempt.Class, attempt.Rank, attempt.Message));
        Assert.Equal(FineTunePhase.Failed, _cluster.Status.Phase);
        var (status, reason, message) = DataReady();
        Assert.Equal(("False", "DataError"), (status, reason));
        Assert.Contains("shard 7 is damaged", message);
        var writes = _cluster.StatusWrites;
        Restart();
        await _operator.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal((1, writes), (_cluster.Created.Count, _cluster.StatusWrites));
    }

    [Fact]
    public async Task Preemption_costs_nothing_however_often_it_happens()
    {
        for (var round = 1; round <= 12; round++)
        {
            await RunAsync();
            _time.Advance(TimeSpan.FromMinutes(1));
            if (round % 2 == 0) _cluster.Evict(1);
            else _cluster.Exit(0, 86);
            _cluster.FinishDeletions();
            await _operator.SettleAsync();
            Assert.Equal((round + 1, "prepare"), (_cluster.Created.Count, Stage(_cluster.Created[^1])));
        }

        Assert.Equal((0, 0, 0), (_cluster.Status.Retries!.Restarts, _cluster.Status.Retries.InfraRestarts, _cluster.Status.Retries.WithoutProgress));
        Assert.True(_cluster.Status.GpuSeconds >= 12 * 60);
        Assert.Equal(0, _cluster.Status.LostGpuSeconds);
        Assert.Equal(("False", "Starting"), (DataReady().Status, DataReady().Reason));
    }

    [Fact]
    public async Task A_failure_is_retried_and_its_budget_is_not_taken_from_training()
    {
        await FailAsync(74);
        Assert.Equal(("False", "StorageError"), (DataReady().Status, DataReady().Reason));
        await _operator.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(("prepare", 1), (Stage(_cluster.Created[^1]), _cluster.Status.Retries!.InfraRestarts));
        await FinishAsync();
        Assert.Equal(("train", null), (Stage(_cluster.Created[^1]), _cluster.Status.Retries));
    }

    [Fact]
    public async Task What_is_prepared_is_not_prepared_again_when_training_fails()
    {
        await FinishAsync();
        Assert.Equal(("True", "Prepared", ""), DataReady());
        await FailAsync(74);
        Assert.Equal(("True", "Prepared", ""), DataReady());
        await _operator.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(["prepare", "train", "train"], _cluster.Created.Select(Stage));
        Assert.Equal(("True", "Prepared", ""), DataReady());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_operator_that_starts_while_preparing_goes_on_starts_nothing_twice(bool hasEndedMeanwhile)
    {
        await _operator.ReconcileAsync();
        _cluster.RunPods();
        await _operator.ReconcileAsync();
        Assert.NotNull(_cluster.Status.Attempts.Single().StartTime);
        if (hasEndedMeanwhile) for (var i = 0; i < 2; i++) _cluster.Exit(i, 0);
        // Of the next replica's watches those of Jobs and pods are behind.
        Restart();
        _cluster.TakeOver();
        _cluster.SyncFineTune();
        await _operator.ReconcileAsync();
        await _operator.PassAsync(TimeSpan.FromHours(1));
        Assert.Equal(hasEndedMeanwhile ? ["prepare", "train"] : ["prepare"], _cluster.Created.Select(Stage));
    }

    [Fact]
    public async Task Suspension_in_the_middle_goes_on_there()
    {
        await RunAsync();
        _cluster.Edit(spec => spec with { Suspend = true });
        await _operator.SettleAsync();
        _cluster.FinishDeletions();
        await _operator.SettleAsync();
        Assert.Equal((FineTunePhase.Suspended, "Suspended"), (_cluster.Status.Phase, DataReady().Reason));
        _cluster.Edit(spec => spec with { Suspend = false });
        await _operator.SettleAsync();
        Assert.Equal(["prepare", "prepare"], _cluster.Created.Select(Stage));
    }

    [Fact]
    public async Task How_far_it_is_stands_in_the_status_twice_a_minute_at_most()
    {
        await _operator.SettleAsync();
        Assert.Equal(("False", "Starting", ""), DataReady());
        await RunAsync();
        Assert.Equal(("False", "Preparing", "Preparing begins."), DataReady());
        var writes = _cluster.StatusWrites;
        for (var second = 1; second <= 600; second++)
        {
            _operator.TrainerSays = Says(1000 + second);
            await _operator.PassAsync(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_cluster.StatusWrites - writes, 10, 20);
        var preparation = _cluster.Status.Preparation!;
        Assert.InRange(preparation.Done, 1560, 1600);
        var sentence = $"Preparing: encoding images and prompts, 1,{preparation.Done % 1000} of 45,600 of worker 0.";
        Assert.Equal(("False", "Preparing", sentence), DataReady());
        Assert.Equal(sentence, _cluster.Status.Conditions.Single(c => c.Type == "Ready").Message);
        (writes, _operator.TrainerSays) = (_cluster.StatusWrites, "");
        Restart();
        await _operator.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(writes, _cluster.StatusWrites);
    }

    [Fact]
    public async Task The_next_attempt_does_not_tell_the_numbers_of_the_one_before()
    {
        await RunAsync();
        _operator.TrainerSays = Says(1000);
        await _operator.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("1,000 of 45,600", DataReady().Message);
        _operator.TrainerSays = "";
        _cluster.Evict(0);
        _cluster.FinishDeletions();
        await RunAsync();
        Assert.Equal(("False", "Preparing", "Preparing begins."), DataReady());
        _operator.TrainerSays = Says(7);
        await _operator.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Contains(" 7 of 45,600", DataReady().Message);
    }

    [Fact]
    public async Task A_trainer_of_prepared_data_loads_as_any_other()
    {
        await FinishAsync();
        await RunAsync();
        Assert.Equal("The trainer loads model and data.", _cluster.Status.Conditions.Single(c => c.Type == "Ready").Message);
        _operator.TrainerSays = $$"""{"phase":"Training","progress":{"step":3,"totalSteps":1000,"updatedAt":"{{_time.GetUtcNow():o}}"} }""";
        await _operator.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("The trainer works.", _cluster.Status.Conditions.Single(c => c.Type == "Ready").Message);
        Assert.Equal(("True", "Active", ""), DataReady());
        var writes = _cluster.StatusWrites;
        Restart();
        await _operator.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(writes, _cluster.StatusWrites);
    }

    [Fact]
    public async Task A_relative_place_of_prepared_data_is_refused()
    {
        _cluster.Edit(spec => spec with { Data = spec.Data with { CacheUri = "cache" } });
        await _operator.SettleAsync();
        Assert.Empty(_cluster.Created);
        Assert.Contains("spec.data.cacheUri", _cluster.Status.Conditions.Single(c => c.Type == "Stalled").Message);
    }

    private async Task RunAsync()
    {
        await _operator.SettleAsync();
        _cluster.RunPods();
        await _operator.SettleAsync();
    }

    private async Task FinishAsync()
    {
        await RunAsync();
        for (var i = 0; i < 2; i++) _cluster.Exit(i, 0);
        await _operator.SettleAsync();
    }

    private async Task FailAsync(int code)
    {
        await RunAsync();
        for (var i = 0; i < 2; i++) _cluster.Exit(i, code);
        await _operator.SettleAsync();
    }

    private void Restart()
    {
        _operator.Dispose();
        _operator = new ModelOperator(_cluster, _time);
    }

    private string Says(int done) => $$"""
        {"phase":"Preparing","preparation":{"work":"encoding images and prompts","done":{{done}},"total":45600,"perSecond":1,"etaSeconds":44000,"updatedAt":"{{_time.GetUtcNow():o}}"} }
        """;

    private (string Status, string Reason, string Message) DataReady()
    {
        var condition = _cluster.Status.Conditions.Single(c => c.Type == "DataReady");
        return (condition.Status, condition.Reason, condition.Message);
    }

    private static string Stage(V1Job job) => job.Metadata.Name.Split('-')[^2];

    private static V1EnvVar Variable(V1Container container, string name) => container.Env.Single(variable => variable.Name == name);
}
