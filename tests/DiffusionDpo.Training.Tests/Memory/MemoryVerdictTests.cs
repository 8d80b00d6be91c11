using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Memory;
using DiffusionDpo.Training.Runs;
using DiffusionDpo.Training.Tests.Runs;
using Xunit;

namespace DiffusionDpo.Training.Tests.Memory;

public sealed class MemoryVerdictTests : IDisposable
{
    private readonly RunDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void What_clearly_does_not_fit_is_refused_and_what_may_fit_is_not()
    {
        long needed = MemoryVerdict.Of(directory.File, directory.File.Model.Source).Plan.Needed;
        Assert.Equal((false, false), Judge(2 * needed));
        Assert.Equal((false, true), Judge(needed));
        Assert.Equal((true, true), Judge(needed / 2));

        (bool, bool) Judge(long there) => MemoryVerdict.Of(directory.File, directory.File.Model.Source, there) is var verdict ? (verdict.IsTooMuch, verdict.IsClose) : default;
    }

    [Fact]
    public void Nothing_is_loaded_or_written_and_the_user_may_insist()
    {
        List<TrainingEvent> events = [];
        TrainingHost host = new() { AvailableMemory = 1 << 20, OnEvent = events.Add };
        string message = Failure.Of(ExitClass.ConfigurationError, () => TrainingRun.Execute(directory.File, host, CancellationToken.None));
        Assert.StartsWith("memory: about ", message, StringComparison.Ordinal);
        Assert.EndsWith("--ignore-memory-plan starts it nevertheless", message, StringComparison.Ordinal);
        Assert.Equal(1 << 20, Assert.IsType<MemoryPlanned>(Assert.Single(events)).Verdict.Available);
        Assert.False(Directory.Exists(directory.File.Checkpoints.Uri));
        Assert.Equal(RunDirectory.Steps, TrainingRun.Execute(directory.File, host with { IgnoresMemoryPlan = true }, CancellationToken.None).Steps);
    }

    /// <summary>A batch of 16 at 64 pixels, with a UNet whose activations are most of it.</summary>
    [Fact]
    public void The_first_option_that_is_enough_is_named_with_what_it_would_take()
    {
        RunFile file = Large();
        long blocks = Needed(With(file, GradientCheckpointing.Blocks)), plain = Needed(file);
        Assert.InRange(blocks, 0, 0.8 * plain);
        string message = MemoryVerdict.Of(file, file.Model.Source, (blocks + plain) / 2).Shortage(file);
        Assert.Contains($"; training.gradientCheckpointing: blocks would need {ByteCount.Of(blocks)}", message, StringComparison.Ordinal);
        Assert.StartsWith($"about {ByteCount.Of(plain)} are needed and ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_all_of_them_are_too_little_that_is_said()
    {
        RunFile file = Large();
        Assert.Contains("no other option makes it fit", MemoryVerdict.Of(file, file.Model.Source, 1 << 20).Shortage(file), StringComparison.Ordinal);
    }

    private static long Needed(RunFile file) => MemoryVerdict.Of(file, file.Model.Source).Plan.Needed;

    private static RunFile With(RunFile file, GradientCheckpointing checkpointing) => file with { Training = file.Training with { GradientCheckpointing = checkpointing } };

    private RunFile Large() => directory.File with
    {
        Model = new() { Source = Repository.Path("examples", "shapes", "model") },
        Data = directory.File.Data with { Resolution = 64 },
        Training = directory.File.Training with { MicroBatch = 256, GlobalBatch = 256 },
    };
}
