using System.Net;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.Operator.Tests.Modelling;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.Operator.Tests.Reconciling;

/// <summary>An operator that starts, or takes over, while runs go on: it knows nothing but what stands in the status, and that stands.</summary>
public sealed class NewOperatorTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ModelCluster _cluster;
    private ModelOperator _operator;

    public NewOperatorTests()
    {
        _cluster = new ModelCluster(Samples.FineTune(), _time);
        _operator = new ModelOperator(_cluster, _time);
    }

    public void Dispose() => _operator.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(25)]
    public async Task A_healthy_run_is_not_written_until_its_trainer_says_something_new(int secondsUntilItAnswers)
    {
        await RunAsync();
        var (writes, said) = (_cluster.StatusWrites, _operator.TrainerSays);
        Assert.Equal(("True", "The trainer works."), (Condition("DataReady"), _cluster.Status.Conditions.Single(c => c.Type == "Ready").Message));
        Restart();
        if (secondsUntilItAnswers > 0) await _operator.PassAsync(TimeSpan.FromSeconds(secondsUntilItAnswers));
        _operator.TrainerSays = said;
        await _operator.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(writes, _cluster.StatusWrites);
        _operator.TrainerSays = Says("Training", 200);
        await _operator.PassAsync(TimeSpan.FromSeconds(40));
        Assert.Equal((writes + 1, 200), (_cluster.StatusWrites, _cluster.Status.Progress!.Step));
    }

    [Fact]
    public async Task What_a_trainer_says_counts_more_than_what_stands()
    {
        await RunAsync();
        Restart();
        _operator.TrainerSays = Says("Starting", 100);
        await _operator.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("False", Condition("DataReady"));
    }

    [Fact]
    public async Task Rank_0_that_has_ended_well_before_the_others_has_not_unloaded_anything()
    {
        await RunAsync();
        var writes = _cluster.StatusWrites;
        _cluster.Exit(0, 0);
        await _operator.PassAsync(TimeSpan.FromSeconds(40));
        Assert.Equal((writes, "True"), (_cluster.StatusWrites, Condition("DataReady")));
    }

    [Fact]
    public async Task The_next_attempt_loads_anew()
    {
        await RunAsync();
        Restart();
        _cluster.Exit(0, 74);
        _cluster.FinishDeletions();
        await _operator.SettleAsync();
        await _operator.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal("False", Condition("DataReady"));
        _cluster.RunPods();
        Restart();
        await _operator.SettleAsync();
        Assert.Equal((2, "True", "False"), (_cluster.Created.Count, Condition("Running"), Condition("DataReady")));
    }

    [Fact]
    public async Task A_Job_that_it_has_not_seen_is_not_gone()
    {
        await _operator.ReconcileAsync();
        _cluster.RunPods();
        await _operator.ReconcileAsync();
        Assert.NotNull(_cluster.Status.Attempts.Single().StartTime);
        // Of the next replica's watches those of Jobs and pods are behind.
        Restart();
        _cluster.TakeOver();
        _cluster.SyncFineTune();
        await _operator.ReconcileAsync();
        Assert.Equal((1, null), (_cluster.Created.Count, _cluster.Status.Attempts.Single().Class));
    }

    [Fact]
    public async Task How_pods_ended_is_read_though_their_end_has_not_been_seen()
    {
        await _operator.SettleAsync();
        _cluster.RunPods();
        _cluster.Exit(0, 74);
        _cluster.FinishDeletions();
        Restart();
        _cluster.TakeOver();
        _cluster.SyncFineTune();
        _cluster.SyncJobs();
        await _operator.ReconcileAsync();
        Assert.Equal("StorageError", _cluster.Status.Attempts[0].Class);
    }

    [Fact]
    public async Task A_refusal_stands_until_the_Job_is_there()
    {
        _cluster.Fault = (call, isAfter) =>
        {
            if (call == "create" && !isAfter) throw new ApiException(HttpStatusCode.Forbidden, "Forbidden", "exceeded quota");
        };
        await _operator.SettleAsync();
        Assert.Contains("exceeded quota", Stalled());
        var writes = _cluster.StatusWrites;
        await _operator.PassAsync(TimeSpan.FromMinutes(10));
        Restart();
        await _operator.PassAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(writes, _cluster.StatusWrites);
        _cluster.Fault = (_, _) => { };
        await _operator.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal((1, null), (_cluster.Created.Count, Stalled()));
    }

    [Fact]
    public async Task A_refusal_is_about_the_specification_that_was_refused()
    {
        _cluster.Fault = (call, isAfter) =>
        {
            if (call == "create" && !isAfter) throw new ApiException(HttpStatusCode.UnprocessableEntity, "Invalid", "no such field");
        };
        await _operator.SettleAsync();
        Assert.Contains("no such field", Stalled());
        _cluster.Fault = (_, _) => { };
        _cluster.Edit(spec => spec with { Workers = spec.Workers with { Image = "trainer:2" } });
        _cluster.Sync();
        await _operator.ReconcileAsync();
        Assert.Null(Stalled());
    }

    /// <summary>A run in its training, with progress and a checkpoint, and everything about it written.</summary>
    private async Task RunAsync()
    {
        await _operator.SettleAsync();
        _cluster.RunPods();
        _operator.TrainerSays = Says("Training", 100);
        await _operator.PassAsync(TimeSpan.FromMinutes(2));
    }

    private void Restart()
    {
        _operator.Dispose();
        _operator = new ModelOperator(_cluster, _time);
    }

    private string Says(string phase, int step) => $$"""
        {"phase":"{{phase}}","progress":{"step":{{step}},"totalSteps":1000,"loss":0.69,"updatedAt":"{{_time.GetUtcNow():o}}"},
         "lastCheckpoint":{"step":100,"uri":"/runs/first/checkpoints/100","sha256":"{{new string('a', 64)}}","time":"2026-01-01T00:00:00Z","worldSize":2} }
        """;

    private string? Condition(string type) => _cluster.Status.Conditions.FirstOrDefault(c => c.Type == type)?.Status;

    private string? Stalled() => _cluster.Status.Conditions.FirstOrDefault(c => c.Type == "Stalled")?.Message;
}
