using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Operator.Tests.Modelling;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.Operator.Tests.Reconciling;

public sealed class RunScenarioTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ModelCluster _cluster;
    private readonly ModelOperator _operator;

    public RunScenarioTests()
    {
        _cluster = new ModelCluster(Samples.FineTune(), _time);
        _operator = new ModelOperator(_cluster, _time);
    }

    public void Dispose() => _operator.Dispose();

    [Fact]
    public async Task A_run_trains_exports_and_is_complete()
    {
        await _operator.SettleAsync();
        Assert.Equal(FineTunePhase.Pending, _cluster.Status.Phase);
        _cluster.RunPods();
        await _operator.SettleAsync();
        Assert.Equal(FineTunePhase.Running, _cluster.Status.Phase);
        Assert.Equal("True", Condition("Ready"));
        Succeed();
        await _operator.SettleAsync();
        Assert.Equal([("Train", 1), ("Export", 2)], _cluster.Status.Attempts.Select(a => ($"{a.Stage}", a.Number)));
        _cluster.RunPods();
        await _operator.SettleAsync();
        Succeed();
        await _operator.SettleAsync();
        Assert.Equal(FineTunePhase.Complete, _cluster.Status.Phase);
        Assert.Equal(["Succeeded", "Succeeded"], _cluster.Status.Attempts.Select(a => a.Class));
        Assert.Equal("True", Condition("Complete"));
    }

    [Fact]
    public async Task Nothing_is_written_when_nothing_changed()
    {
        await _operator.SettleAsync();
        _cluster.RunPods();
        await _operator.SettleAsync();
        var writes = _cluster.StatusWrites;
        for (var i = 0; i < 10; i++) await _operator.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(writes, _cluster.StatusWrites);
    }

    [Fact]
    public async Task A_healthy_run_is_written_at_most_twice_a_minute()
    {
        await _operator.SettleAsync();
        _cluster.RunPods();
        await _operator.SettleAsync();
        var writes = _cluster.StatusWrites;
        for (var second = 1; second <= 600; second++)
        {
            _operator.TrainerSays = $$"""{"phase":"Training","progress":{"step":{{second}},"totalSteps":1000,"loss":0.69,"updatedAt":"{{_time.GetUtcNow():o}}"} }""";
            await _operator.PassAsync(TimeSpan.FromSeconds(1));
        }

        string metrics = await _operator.MetricsAsync();
        Assert.Contains("dpo_finetune_queue_wait_seconds_count 1", metrics);
        Assert.Contains("dpo_finetune_time_to_first_step_seconds_count 1", metrics);
        Assert.Contains("dpo_finetune_time_to_recover_seconds_count 0", metrics);
        Assert.InRange(_cluster.StatusWrites - writes, 10, 20);
        Assert.Equal("True", Condition("DataReady"));
        Assert.InRange(_cluster.Status.Progress!.Step, 560, 600);
    }

    [Fact]
    public async Task An_operator_that_begins_anew_changes_no_status_before_the_trainer_has_answered_it()
    {
        await _operator.SettleAsync();
        _cluster.RunPods();
        _operator.TrainerSays = """{"phase":"Training"}""";
        await _operator.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal("True", Condition("DataReady"));
        var writes = _cluster.StatusWrites;
        using var other = new ModelOperator(_cluster, _time) { TrainerSays = "not yet" };
        await other.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(writes, _cluster.StatusWrites);
        other.TrainerSays = """{"phase":"Starting"}""";
        await other.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal("False", Condition("DataReady"));
    }

    [Fact]
    public async Task Suspension_saves_and_holds_and_going_on_makes_a_new_attempt()
    {
        await _operator.SettleAsync();
        _cluster.RunPods();
        await _operator.SettleAsync();
        _cluster.Edit(spec => spec with { Suspend = true });
        await _operator.SettleAsync();
        Assert.NotNull(_cluster.Jobs[0].Metadata.DeletionTimestamp);
        Assert.NotEqual(FineTunePhase.Suspended, _cluster.Status.Phase);
        _cluster.FinishDeletions();
        await _operator.SettleAsync();
        Assert.Equal(FineTunePhase.Suspended, _cluster.Status.Phase);
        Assert.Equal("Suspended", _cluster.Status.Attempts[0].Class);
        await _operator.PassAsync(TimeSpan.FromDays(2));
        Assert.Single(_cluster.Created);
        _cluster.Edit(spec => spec with { Suspend = false });
        await _operator.SettleAsync();
        Assert.Equal(2, _cluster.Created.Count);
        Assert.Equal(0, _cluster.Status.Retries?.Restarts ?? 0);
    }

    [Fact]
    public async Task A_deadline_ends_the_run_and_suspension_does_not_count()
    {
        _cluster.Edit(spec => spec with { ActiveDeadlineSeconds = 3600 });
        await _operator.SettleAsync();
        _cluster.RunPods();
        await _operator.PassAsync(TimeSpan.FromMinutes(50));
        _cluster.Edit(spec => spec with { Suspend = true });
        await _operator.SettleAsync();
        _cluster.FinishDeletions();
        await _operator.PassAsync(TimeSpan.FromHours(10));
        _cluster.Edit(spec => spec with { Suspend = false });
        await _operator.SettleAsync();
        _cluster.RunPods();
        await _operator.PassAsync(TimeSpan.FromMinutes(9));
        Assert.Equal(FineTunePhase.Running, _cluster.Status.Phase);
        await _operator.PassAsync(TimeSpan.FromMinutes(2));
        _cluster.FinishDeletions();
        await _operator.SettleAsync();
        Assert.Equal("DeadlineExceeded", _cluster.Status.Conditions.Single(c => c.Type == "Failed").Reason);
    }

    [Fact]
    public async Task After_its_time_to_live_a_run_leaves_the_fine_tune_alone()
    {
        _cluster.Edit(spec => spec with { TtlSecondsAfterFinished = 600 });
        await _operator.SettleAsync();
        _cluster.RunPods();
        await _operator.SettleAsync();
        for (var i = 0; i < 2; i++) _cluster.Exit(i, 65);
        await _operator.SettleAsync();
        await _operator.PassAsync(TimeSpan.FromSeconds(590));
        Assert.Single(_cluster.Jobs);
        await _operator.PassAsync(TimeSpan.FromSeconds(20));
        _cluster.FinishDeletions();
        await _operator.SettleAsync();
        Assert.Empty(_cluster.Jobs);
        Assert.Empty(_cluster.Objects);
        Assert.Equal(FineTunePhase.Failed, _cluster.Status.Phase);
        await _operator.PassAsync(TimeSpan.FromDays(1));
        Assert.Single(_cluster.Created);
    }

    [Fact]
    public async Task A_new_run_waits_for_the_pods_of_the_old_one()
    {
        await _operator.SettleAsync();
        _cluster.RunPods();
        await _operator.SettleAsync();
        _cluster.Edit(spec => spec with { RunId = "2" });
        await _operator.SettleAsync();
        Assert.Single(_cluster.Created);
        _cluster.FinishDeletions();
        await _operator.SettleAsync();
        Assert.Equal(2, _cluster.Created.Count);
        Assert.NotEqual(_cluster.Created[0].Metadata.Name, _cluster.Created[1].Metadata.Name);
        Assert.Equal(1, _cluster.Status.AttemptCount);
    }

    [Fact]
    public async Task A_pod_on_a_node_that_does_not_answer_is_given_up_and_the_run_goes_on()
    {
        await _operator.SettleAsync();
        _cluster.RunPods();
        await _operator.SettleAsync();
        _cluster.LoseNode(1);
        _cluster.FinishDeletions();
        await _operator.SettleAsync();
        Assert.Single(_cluster.Created);
        await _operator.PassAsync(TimeSpan.FromMinutes(2));
        await _operator.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(2, _cluster.Created.Count);
    }

    [Theory]
    [InlineData("ErrImagePull", "manifest unknown", "ImagePullFailed")]
    [InlineData("ImagePullBackOff", "Back-off pulling image", "ImagePullFailed")]
    [InlineData("CreateContainerConfigError", "secret \"s3\" not found", "ReferenceMissing")]
    public async Task What_needs_somebody_is_said(string waiting, string message, string reason)
    {
        await _operator.SettleAsync();
        _cluster.Wait(1, waiting, message);
        await _operator.SettleAsync();
        var stalled = _cluster.Status.Conditions.Single(c => c.Type == "Stalled");
        Assert.Equal(("True", reason), (stalled.Status, stalled.Reason));
        Assert.Contains(message, stalled.Message);
        Assert.Contains("spec.workers", stalled.Message);
        _cluster.RunPods();
        await _operator.SettleAsync();
        Assert.Null(Condition("Stalled"));
    }

    [Fact]
    public async Task Waiting_for_a_node_is_not_running_and_not_stalled()
    {
        await _operator.SettleAsync();
        _cluster.FindNoNode(0, "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.");
        await _operator.SettleAsync();
        Assert.Equal(FineTunePhase.Pending, _cluster.Status.Phase);
        Assert.Null(Condition("Stalled"));
        var scheduled = _cluster.Status.Conditions.Single(c => c.Type == "Scheduled");
        Assert.Equal(("False", "Unschedulable"), (scheduled.Status, scheduled.Reason));
        Assert.Contains("Insufficient nvidia.com/gpu", scheduled.Message);
    }

    [Fact]
    public async Task A_specification_with_errors_starts_nothing_and_says_all_of_them()
    {
        _cluster.Edit(spec => spec with { Output = spec.Output with { Uri = "runs/first" }, Model = spec.Model with { Source = "sd15" } });
        await _operator.SettleAsync();
        Assert.Empty(_cluster.Created);
        var stalled = _cluster.Status.Conditions.Single(c => c.Type == "Stalled");
        Assert.Contains("spec.output.uri", stalled.Message);
        Assert.Contains("spec.model.source", stalled.Message);
        _cluster.Edit(spec => spec with { Output = spec.Output with { Uri = "/runs/first" }, Model = spec.Model with { Source = "/sd15" } });
        await _operator.SettleAsync();
        Assert.Single(_cluster.Created);
    }

    private string? Condition(string type) => _cluster.Status.Conditions.FirstOrDefault(c => c.Type == type)?.Status;

    private void Succeed()
    {
        _time.Advance(TimeSpan.FromMinutes(10));
        for (var i = 0; i < 2; i++) _cluster.Exit(i, 0);
    }
}
