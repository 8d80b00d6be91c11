using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Validation;

namespace DiffusionDpo.Api.Tests.Validation;

public sealed class ImmutabilityTests
{
    private static readonly DpoFineTuneSpec Spec = Samples.FineTune().Spec;

    public static TheoryData<string, DpoFineTuneSpec> Fixed => new()
    {
        { "spec.preset", Spec with { Preset = PresetName.Paper } },
        { "spec.model", Spec with { Model = Spec.Model with { Source = "/models/other" } } },
        { "spec.data", Spec with { Data = Spec.Data with { Sources = [new DataSource { Uri = "/data/other" }] } } },
        { "spec.training", Spec with { Training = Spec.Training with { Steps = 5 } } },
        { "spec.adapter", Spec with { Adapter = Spec.Adapter with { Rank = 5 } } },
        { "spec.optimizer", Spec with { Optimizer = Spec.Optimizer with { Beta1 = 0 } } },
        { "spec.output", Spec with { Output = Spec.Output with { Uri = "/runs/other" } } },
        { "spec.checkpoints.uri", Spec with { Checkpoints = Spec.Checkpoints with { Uri = "/c" } } },
    };

    public static TheoryData<string, DpoFineTuneSpec> Free => new()
    {
        { "nothing", Spec with { Data = Spec.Data with { Sources = [.. Spec.Data.Sources] } } },
        { "suspend", Spec with { Suspend = true } },
        { "deadline", Spec with { ActiveDeadlineSeconds = 5 } },
        { "ttl", Spec with { TtlSecondsAfterFinished = 5 } },
        { "retention", Spec with { Checkpoints = Spec.Checkpoints with { Keep = 9 } } },
        { "retry budgets", Spec with { RetryPolicy = new RetryPolicyOptions { MaxRestarts = 9 } } },
        { "nodes", Spec with { Workers = new WorkerOptions { NodeSelector = new Dictionary<string, string> { ["gpu"] = "a100" } } } },
    };

    [Theory]
    [MemberData(nameof(Fixed))]
    public void What_is_trained_cannot_change_within_a_run(string path, DpoFineTuneSpec changed)
    {
        Assert.Equal(path, Assert.Single(Immutability.Check(Spec, changed)).Path);
        Assert.Empty(Immutability.Check(Spec, changed with { RunId = "2" }));
    }

    [Theory]
    [MemberData(nameof(Free))]
    public void What_is_around_the_training_may_change(string what, DpoFineTuneSpec changed) => Assert.True(Immutability.Check(Spec, changed).Count == 0, what);
}
