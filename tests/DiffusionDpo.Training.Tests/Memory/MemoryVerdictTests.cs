using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Memory;
using DiffusionDpo.Training.Runs;
using DiffusionDpo.Training.Tests.Runs;
using TorchSharp;
using Xunit;

namespace DiffusionDpo.Training.Tests.Memory;

public sealed class MemoryVerdictTests : IDisposable
{
    private readonly RunDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void What_clearly_does_not_fit_is_refused_and_what_may_fit_is_not()
    {
        RunFile file = With(directory.File, GradientCheckpointing.None);
        long needed = Needed(file);
        Assert.Equal((false, false), Judge(2 * needed));
        Assert.Equal((false, true), Judge(needed));
        Assert.Equal((true, true), Judge(needed / 2));

        (bool, bool) Judge(long there) => Of(file, there) is var verdict ? (verdict.IsTooMuch, verdict.IsClose) : default;
    }

    [Fact]
    public void Auto_keeps_activations_where_that_fits_and_computes_them_again_where_it_does_not()
    {
        RunFile file = With(Large(), GradientCheckpointing.Auto);
        long plain = Needed(Large()), blocks = Needed(With(file, GradientCheckpointing.Blocks));
        Assert.Equal((GradientCheckpointing.None, plain, false), Decide(2 * plain));
        Assert.Equal((GradientCheckpointing.Blocks, blocks, false), Decide(plain)); // less than a tenth would be free
        Assert.Equal((GradientCheckpointing.Blocks, blocks, true), Decide(1 << 20));
        Assert.Contains("no other option makes it fit", Failure.Of(ExitClass.ConfigurationError, Of(file, 1 << 20).RefuseIfTooMuch), StringComparison.Ordinal);

        (GradientCheckpointing, long, bool) Decide(long there)
        {
            MemoryVerdict verdict = Of(file, there);
            Assert.Equal(verdict.Plan.Checkpointing, verdict.File.Training.GradientCheckpointing);
            return (verdict.Plan.Checkpointing, verdict.Plan.Needed, verdict.IsTooMuch);
        }
    }

    [Fact]
    public void What_the_file_says_is_not_decided_again()
    {
        Assert.Equal(GradientCheckpointing.None, Of(Large(), 1 << 20).Plan.Checkpointing);
        Assert.Equal(GradientCheckpointing.Blocks, Of(With(Large(), GradientCheckpointing.Blocks), 1L << 50).Plan.Checkpointing);
    }

    /// <summary>There the encoding of the images takes most: what it leaves free serves the passes, kept activations or not.</summary>
    [Fact]
    public void Auto_computes_nothing_again_where_that_saves_nothing()
    {
        // Winners alone: as many images pass through the networks at a time as through the encoder.
        RunFile winners = directory.File with { Data = directory.File.Data with { Resolution = 64 }, Training = directory.File.Training with { Objective = new() { Type = ObjectiveType.Sft } } };
        RunFile file = With(winners, GradientCheckpointing.Auto);
        MemoryVerdict verdict = MemoryVerdict.Of(file, ModelOutline.Read(file.Model.Source), DeviceType.CUDA, 1 << 20);
        Assert.Equal(verdict.Plan.Encoding, verdict.Plan.Step);
        Assert.Equal((GradientCheckpointing.None, true), (verdict.Plan.Checkpointing, verdict.IsClose));
    }

    [Fact]
    public void On_a_gpu_auto_decides_by_its_memory_and_nothing_is_refused()
    {
        RunFile file = Large();
        ModelOutline model = ModelOutline.Read(file.Model.Source);
        MemoryVerdict plain = MemoryVerdict.Of(file, model, DeviceType.CUDA, 1 << 20), unknown = MemoryVerdict.Of(With(file, GradientCheckpointing.Auto), model, DeviceType.CUDA, null);
        MemoryVerdict less = MemoryVerdict.Of(With(file, GradientCheckpointing.Auto), model, DeviceType.CUDA, plain.Plan.Needed);
        Assert.Equal((true, false), (plain.IsClose, plain.IsTooMuch));
        Assert.Contains($"training.gradientCheckpointing: blocks would need {ByteCount.Of(less.Plan.Needed)}", (plain with { Available = plain.Plan.Needed }).Shortage(), StringComparison.Ordinal);
        Assert.Equal((GradientCheckpointing.Blocks, GradientCheckpointing.None), (less.Plan.Checkpointing, unknown.Plan.Checkpointing));
        Assert.True(less.Plan.Needed < plain.Plan.Needed);
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
        string message = MemoryVerdict.Of(file, file.Model.Source, (blocks + plain) / 2).Shortage();
        Assert.Contains($"; training.gradientCheckpointing: blocks would need {ByteCount.Of(blocks)}", message, StringComparison.Ordinal);
        Assert.StartsWith($"about {ByteCount.Of(plain)} are needed and ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_all_of_them_are_too_little_that_is_said()
    {
        RunFile file = Large();
        Assert.Contains("no other option makes it fit", MemoryVerdict.Of(file, file.Model.Source, 1 << 20).Shortage(), StringComparison.Ordinal);
    }

    private static MemoryVerdict Of(RunFile file, long there) => MemoryVerdict.Of(file, file.Model.Source, there);

    private static long Needed(RunFile file) => MemoryVerdict.Of(file, file.Model.Source).Plan.Needed;

    private static RunFile With(RunFile file, GradientCheckpointing checkpointing) => file with { Training = file.Training with { GradientCheckpointing = checkpointing } };

    private RunFile Large() => directory.File with
    {
        Model = new() { Source = Repository.Path("examples", "shapes", "model") },
        Data = directory.File.Data with { Resolution = 64 },
        Training = directory.File.Training with { MicroBatch = 256, GlobalBatch = 256, GradientCheckpointing = GradientCheckpointing.None },
    };
}
