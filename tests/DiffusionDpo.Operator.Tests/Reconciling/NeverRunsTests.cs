using System.Net;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.Operator.Tests.Modelling;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.Operator.Tests.Reconciling;

/// <summary>A fine-tune that can never run is stalled, and one sentence says where, why and what to change; the event says the same.</summary>
public sealed class NeverRunsTests : IDisposable
{
    private const string NewRun = "then set another spec.runId to start a new run.";
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ModelCluster _cluster;
    private readonly ModelOperator _operator;

    public NeverRunsTests()
    {
        _cluster = new ModelCluster(Samples.FineTune(), _time);
        _operator = new ModelOperator(_cluster, _time);
    }

    public static TheoryData<Func<DpoFineTuneSpec, DpoFineTuneSpec>, string> Specifications => new()
    {
        { spec => spec with { Model = spec.Model with { Source = "models/sd15" } }, Relative("spec.model.source", "models/sd15") },
        { spec => spec with { Output = spec.Output with { Uri = "runs/first" } }, Relative("spec.output.uri", "runs/first") },
        { spec => spec with { Checkpoints = spec.Checkpoints with { Uri = "saved" } }, Relative("spec.checkpoints.uri", "saved") },
        { spec => spec with { Data = spec.Data with { Sources = [new DataSource { Uri = "/data/a" }, new DataSource { Uri = "b" }] } }, Relative("spec.data.sources[1].uri", "b") },
        { spec => spec with { Data = spec.Data with { HeldOut = [new DataSource { Uri = "c" }] } }, Relative("spec.data.heldOut[0].uri", "c") },
        {
            spec => spec with { Data = spec.Data with { Labels = LabelSource.AiFeedback, Feedback = new FeedbackOptions { Scorer = ScorerType.Aesthetic, Model = "clip", Head = "h.safetensors" } } },
            Relative("spec.data.feedback.model", "clip") + "; " + Relative("spec.data.feedback.head", "h.safetensors")
        },
        {
            spec => spec with { Model = spec.Model with { Source = "m" }, Output = spec.Output with { Uri = "o" } },
            Relative("spec.model.source", "m") + "; " + Relative("spec.output.uri", "o")
        },
        {
            spec => spec with { Workers = spec.Workers with { Count = 3 } },
            "spec.training.globalBatch: is not divisible by workers × GPUs per worker × training.microBatch (2048 where not given) — change one of them"
        },
        {
            spec => spec with { Training = spec.Training with { Steps = 0 } },
            "spec.training.steps: "
        },
    };

    public static TheoryData<int, ExitClass, string, string> Exits => new()
    {
        { 78, ExitClass.ConfigurationError, "output.uri: /runs/first belongs to a run with other options; choose another output.uri", $"Correct the fine-tune, {NewRun}" },
        { 78, ExitClass.ConfigurationError, "fine-tune: two things are wrong\nspec.a: one\nspec.b: two", $"Correct the fine-tune, {NewRun}" },
        { 66, ExitClass.InputMissing, "/models/sd15/unet/config.json does not exist", $"Put the named file where the fine-tune says, {NewRun}" },
        { 65, ExitClass.DataError, "/data/train/0003.parquet: the footer is cut off", $"Repair or remove the named data, {NewRun}" },
        { 93, ExitClass.NeverRestart, "the licence of the model forbids it", $"Correct what the message names, {NewRun}" },
        {
            64, ExitClass.UserError, "unknown option --bind",
            $"Report this: the operator and the trainer's image do not fit each other. Set spec.workers.image to the operator's release, {NewRun}"
        },
    };

    public void Dispose() => _operator.Dispose();

    [Theory]
    [MemberData(nameof(Specifications))]
    public async Task A_specification_is_refused_with_its_sentence(Func<DpoFineTuneSpec, DpoFineTuneSpec> change, string sentence)
    {
        _cluster.Edit(change);
        await _operator.SettleAsync();
        await _operator.PassAsync(TimeSpan.FromDays(1));
        Assert.Empty(_cluster.Created);
        AssertStalled("InvalidSpec", sentence);
        Assert.Equal("False", Condition("Accepted")!.Status);
        Assert.Equal([$"Warning InvalidSpec: {Condition("Stalled")!.Message}"], _cluster.Events);

        _cluster.Edit(_ => Samples.FineTune().Spec);
        await _operator.SettleAsync();
        Assert.Single(_cluster.Created);
        Assert.Null(Condition("Stalled"));
    }

    [Theory]
    [MemberData(nameof(Exits))]
    public async Task A_trainer_that_refuses_is_heard(int code, ExitClass said, string message, string remedy)
    {
        await _operator.SettleAsync();
        _cluster.RunPods();
        await _operator.SettleAsync();
        var words = new TerminationMessage { Class = said, Message = message }.ToJson();
        for (var i = 0; i < 2; i++) _cluster.Exit(i, code, words);
        _cluster.FinishDeletions();
        await _operator.SettleAsync();
        await _operator.PassAsync(TimeSpan.FromDays(1));
        Assert.Single(_cluster.Created);
        var sentence = $"{said} (rank 0 on node-0): {message.Replace('\n', ' ')}. {remedy}";
        AssertStalled($"{said}", sentence);
        Assert.Equal(sentence, Condition("Failed")!.Message);
        Assert.Single(_cluster.Events, $"Warning {said}: Given up: {sentence}");
    }

    [Fact]
    public async Task Objects_that_the_server_refuses_are_named_and_made_once_it_takes_them()
    {
        _cluster.Fault = (call, after) =>
        {
            if (call == "create" && !after) throw new ApiException(HttpStatusCode.Forbidden, "Forbidden", "jobs.batch \"a\" is forbidden: exceeded quota: gpus");
        };
        await _operator.ReconcileAsync();
        _cluster.Sync();
        AssertStalled("ObjectsRejected", "The API server refuses the run's objects: jobs.batch \"a\" is forbidden: exceeded quota: gpus. Correct spec.workers.");
        Assert.Contains(_cluster.Events, e => e.StartsWith("Warning ObjectsRejected: ", StringComparison.Ordinal));
        _cluster.Fault = (_, _) => { };
        await _operator.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Single(_cluster.Created);
        Assert.Equal(1, _cluster.Status.AttemptCount);
        Assert.Null(Condition("Stalled"));
    }

    private static string Relative(string path, string place) =>
        $"{path}: '{place}' is a relative path, and pods have no directory for it — give s3://, az:// or a path in spec.workers.volumes";

    private k8s.Models.V1Condition? Condition(string type) => _cluster.Status.Conditions.FirstOrDefault(c => c.Type == type);

    private void AssertStalled(string reason, string sentence)
    {
        var stalled = Condition("Stalled");
        Assert.Equal(("True", reason), (stalled?.Status, stalled?.Reason));
        Assert.StartsWith(sentence, stalled!.Message, StringComparison.Ordinal);
        Assert.Equal(("False", reason), (Condition("Ready")!.Status, Condition("Ready")!.Reason));
        Assert.Null(Condition("Reconciling"));
    }
}
