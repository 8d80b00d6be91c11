using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Checkpoints;
using DiffusionDpo.Training.Runs;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Runs;

public sealed class TrainingRunTests : IDisposable
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly RunDirectory directory = new();
    private readonly List<TrainingEvent> events = [];

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_run_starts_at_ln_2_and_ties_and_ends_with_a_checkpoint_and_a_measurement()
    {
        TrainingResult result = Train(directory.File);
        Assert.Equal(Math.Log(2), events.OfType<StepCompleted>().First().Report.Loss, 1e-7);
        Assert.Equal((0.5, 0.5, 0.5), (result.Before!.Accuracy, result.Before.Lower, result.Before.Upper));
        Assert.Equal((0, 2, RunDirectory.Steps), (result.Before.Step, result.After!.Pairs, result.After.Step));
        Assert.Equal([2, 4], events.OfType<CheckpointSaved>().Select(saved => saved.Status.Step));
        Assert.Equal(RunDirectory.Steps, events.OfType<StepCompleted>().Count());
        Assert.NotNull(result.Checkpoint);
        TrainingPosition position = Checkpoint.Open(result.Checkpoint.Uri).Manifest.Position;
        Assert.Equal(new(4, 8, 1, 3), position);
    }

    public static TheoryData<string, int> Stops
    {
        get
        {
            var cases = new TheoryData<string, int> { { "plain", 1 }, { "plain", 2 } };
            foreach (string variant in RunDirectory.Variants.Keys) cases.Add(variant, 3);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Stops))]
    public void Stopped_and_resumed_equals_uninterrupted_bit_for_bit(string variant, int stopAfter)
    {
        RunFile file = RunDirectory.Variants[variant](directory.File);
        IReadOnlyList<CheckpointFile> straight = Straight(file);
        using var stop = new CancellationTokenSource();
        string message = Failure.Of(ExitClass.PreemptedSaved, () => Train(file, stop, each => each is StepCompleted { Report.Step: var step } && step == stopAfter));
        Assert.Contains($"step {stopAfter} of {RunDirectory.Steps}", message);
        Train(file);
        Assert.Equal(stopAfter, events.OfType<RunStarted>().Last().Progress.Step);
        Assert.Equal(straight, Final(file));
    }

    [Fact]
    public void A_run_that_has_seen_no_sound_pair_does_not_end_well()
    {
        directory.SpoilTraining();
        RunFile file = directory.File with { Data = directory.File.Data with { MaxBadFraction = 1 } };
        foreach (int _ in new[] { 1, 2 }) // nothing is saved that a second start would go on from, and call success
            Assert.Contains("every pair of the 8 that were visited is bad", Failure.Of(ExitClass.DataError, () => Train(file)));
    }

    [Fact]
    public void A_stop_while_sources_are_read_is_a_stop()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Contains("before training began", Failure.Of(ExitClass.PreemptedSaved, () => Train(directory.File, stop)));
    }

    /// <summary>A run whose machine has less memory after its interruption.</summary>
    [Fact]
    public void Auto_may_decide_otherwise_after_an_interruption_and_the_same_weights_come_out()
    {
        RunFile file = directory.File with { Training = directory.File.Training with { GradientCheckpointing = GradientCheckpointing.Auto } };
        IReadOnlyList<CheckpointFile> straight = Straight(file);
        using var stop = new CancellationTokenSource();
        Failure.Of(ExitClass.PreemptedSaved, () => Train(file, stop, each => each is StepCompleted { Report.Step: 2 }, available: 1L << 50));
        Train(file, available: 1 << 20);
        Assert.Equal((GradientCheckpointing.None, GradientCheckpointing.Blocks), (Decided(^2), Decided(^1)));
        Assert.Equal(straight, Final(file));

        GradientCheckpointing Decided(Index run) => events.OfType<RunStarted>().ToArray()[run].Training.GradientCheckpointing;
    }

    /// <summary>SIGKILL at looks at the clock: every one that dates a step or a checkpoint (the latter inside its writing), and some between phases.</summary>
    [Theory]
    [InlineData("plain")]
    [InlineData("bf16")]
    public void Killed_and_resumed_equals_uninterrupted_bit_for_bit(string variant)
    {
        var clock = new CountingTime();
        RunFile file = RunDirectory.Variants[variant](directory.File);
        IReadOnlyList<CheckpointFile> straight = Straight(file, clock);
        foreach (int looks in clock.Dates.Concat([clock.Looks / 10, clock.Looks * 2 / 5, clock.Looks * 3 / 5, clock.Looks * 9 / 10]))
        {
            Assert.True(TrainingChild.Kill(directory.Root, variant, looks), $"not killed at {looks} of {clock.Looks}");
            Train(file);
            Assert.Equal(straight, Final(file));
            Directory.Delete(file.Output.Uri, recursive: true);
        }
    }

    [Fact]
    public void A_finished_run_has_nothing_left_to_do()
    {
        Train(directory.File);
        events.Clear();
        TrainingResult again = Train(directory.File);
        Assert.Empty(events.OfType<StepCompleted>());
        Assert.Null(again.Checkpoint);
        Assert.NotNull(again.After);
    }

    [Fact]
    public void A_directory_of_another_run_is_refused()
    {
        Train(directory.File);
        RunFile other = directory.File with { Optimizer = directory.File.Optimizer with { LearningRate = 1e-3 } };
        Assert.Contains("step-00000004", Failure.Of(ExitClass.ConfigurationError, () => Train(other)));
    }

    /// <summary>No pairs must not read as "half of them agree".</summary>
    [Fact]
    public void Held_out_pairs_that_cannot_be_read_are_an_error()
    {
        directory.SpoilHeldOut();
        RunFile file = directory.File with { Data = directory.File.Data with { MaxBadFraction = 1 } };
        Assert.Contains("data.heldOut", Failure.Of(ExitClass.DataError, () => Train(file)));
    }

    [Fact]
    public void All_options_that_are_not_supported_are_named_at_once()
    {
        RunFile file = directory.File;
        RunFile wrong = file with
        {
            Training = file.Training with { Precision = Precision.Float16, MicroBatch = 3 },
        };
        string message = Failure.Of(ExitClass.ConfigurationError, () => Train(wrong));
        Assert.All(["training.precision", "training.globalBatch"], each => Assert.Contains(each, message));
    }

    [Fact]
    public void Bad_shards_are_named_and_at_the_end_it_is_said_what_reading_took()
    {
        string empty = Path.Combine(directory.Root, "empty.parquet");
        File.WriteAllBytes(empty, []);
        RunFile file = directory.File;
        RunFile bad = file with { Data = file.Data with { Sources = [.. file.Data.Sources, new() { Uri = empty }] } };
        Assert.Contains(empty, Failure.Of(ExitClass.DataError, () => Train(bad)));
        Train(bad with { Data = bad.Data with { BadShards = BadShards.Skip } });
        Assert.Equal(empty, Assert.Single(events.OfType<BadShardSkipped>()).Shard.Shard.Uri.ToString());
        PairsRead read = Assert.Single(events.OfType<PairsRead>());
        Assert.Null(read.Cache);
        Assert.True(read.Waited > TimeSpan.Zero && read.Reading.Bytes >= read.Reading.NeededBytes && read.Reading.NeededBytes > 0);
    }

    [Fact]
    public void Sft_trains_on_winners_without_reference_or_held_out_accuracy()
    {
        RunFile file = directory.File;
        TrainingResult result = Train(file with { Training = file.Training with { Objective = new() { Type = ObjectiveType.Sft, Beta = 1 } } });
        Assert.Null(result.After);
        Assert.All(events.OfType<StepCompleted>(), each => Assert.Null(each.Progress.ImplicitAccuracy));
    }

    [Theory]
    [InlineData(ObjectiveType.Sigmoid, 0.1, 0, false, 0.69314718)]
    [InlineData(ObjectiveType.Sigmoid, 0, 1000, true, 0.69314718)]
    [InlineData(ObjectiveType.Robust, 0.2, 0, false, 0.69314718)]
    [InlineData(ObjectiveType.Hinge, 0, 0, false, 1)]
    [InlineData(ObjectiveType.Ipo, 0, 0, true, 0.25)]
    public void Every_loss_that_compares_begins_where_its_page_says_and_moves(ObjectiveType type, double smoothing, double anchor, bool safeguard, double start)
    {
        ObjectiveOptions objective = new() { Type = type, Beta = 5000, LabelSmoothing = smoothing, WinnerAnchor = anchor, Safeguard = safeguard, SafeguardMargin = 0.5 };
        TrainingOptions training = directory.File.Training with { Objective = objective, Timesteps = new() { Min = 100, Max = 900 }, MinSnrGamma = 5 };
        TrainingResult result = Train(directory.File with { Training = training });
        StepCompleted[] steps = [.. events.OfType<StepCompleted>()];
        Assert.Equal(start, steps[0].Report.Loss, 1e-6);
        Assert.Equal(0, steps[0].Report.RewardMargin);
        Assert.NotEqual(0, steps[^1].Report.RewardMargin);
        Assert.NotNull(result.After);
    }

    /// <summary>Options whose effect is not in the first step's numbers, each through the whole run: without one of them other weights come out.</summary>
    [Fact]
    public void Safeguard_anchor_and_weightings_each_reach_the_weights()
    {
        TrainingOptions plain = directory.File.Training with { Objective = new() { Beta = 5000, SafeguardMargin = 0.9 } };
        TrainingOptions[] all =
        [
            plain, plain with { Objective = plain.Objective with { Safeguard = true } }, plain with { Objective = plain.Objective with { WinnerAnchor = 1000 } },
            plain with { Timesteps = new() { Max = 100 } }, plain with { MinSnrGamma = 0.01 },
        ];
        string[] weights = [.. all.Select(WeightsOf)];
        Assert.Equal(all.Length, weights.Distinct().Count());

        string WeightsOf(TrainingOptions training, int index)
        {
            string place = Path.Combine(directory.Root, $"{index}");
            RunFile file = directory.File with { Training = training, Output = new() { Uri = place }, Checkpoints = directory.File.Checkpoints with { Uri = Path.Combine(place, "checkpoints") } };
            Train(file);
            return Final(file).Single(one => one.Name == TrainingState.WeightsFile).Sha256;
        }
    }

    [Fact]
    public void Mapo_trains_without_a_reference_and_measures_who_is_denoised_better()
    {
        RunFile file = directory.File;
        TrainingResult result = Train(file with { Training = file.Training with { Objective = new() { Type = ObjectiveType.Mapo, Beta = 1, MarginWeight = 0.1 } } });
        StepCompleted[] steps = [.. events.OfType<StepCompleted>()];
        Assert.All(steps, each => Assert.True(double.IsFinite(each.Report.RewardMargin) && double.IsNaN(each.Report.WinnerExcess) && double.IsNaN(each.Report.ReferenceError)));
        Assert.All(steps, each => Assert.NotNull(each.Progress.ImplicitAccuracy));
        Assert.NotEqual(0, steps[0].Report.RewardMargin);
        Assert.NotNull(result.Before);
        Assert.NotNull(result.After);
    }

    [Fact]
    public void In_bf16_a_run_starts_at_ln_2_to_the_bit_and_exports_what_bf16_would_round()
    {
        RunFile file = RunDirectory.Variants["bf16"](directory.File);
        TrainingResult result = Train(file);
        Assert.Equal((MathF.Log(2), 0.5, 0), events.OfType<StepCompleted>().First().Report is var first ? (first.Loss, first.ImplicitAccuracy, first.RewardMargin) : default);
        Assert.Equal((0.5, 0.5, 0.5), (result.Before!.Accuracy, result.Before.Lower, result.Before.Upper));
        using StableDiffusionPipeline model = StableDiffusionPipeline.Load(ModelExport.Write(file, RunPlaces.OnThisMachine(file, TimeProvider.System)));
        Tensor weight = model.UNet.parameters().First();
        Assert.False(weight.equal(weight.to(ScalarType.BFloat16).to(ScalarType.Float32)).all().item<bool>());
    }

    [Fact]
    public void The_exported_model_is_the_base_model_with_the_trained_network()
    {
        TrainingResult result = Train(directory.File);
        string exported = ModelExport.Write(directory.File, RunPlaces.OnThisMachine(directory.File, TimeProvider.System));
        using StableDiffusionPipeline model = StableDiffusionPipeline.Load(exported);
        using var trained = DiffusionDpo.Models.Loading.Weights.Open(Path.Combine(result.Checkpoint!.Uri, TrainingState.WeightsFile));
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.UNet.named_parameters())
        {
            using Tensor stored = trained.GetTensor(name);
            Assert.True(parameter.equal(stored).all().item<bool>(), name);
        }

        Assert.Equal(exported, ModelExport.Write(directory.File, RunPlaces.OnThisMachine(directory.File, TimeProvider.System)));
    }

    /// <summary>The autoencoder of SDXL overflows in fp16.</summary>
    [Fact]
    public void A_format_for_the_export_is_that_of_the_trained_network_alone()
    {
        RunFile file = RunDirectory.Variants["sdxl"](directory.File) with { Output = directory.File.Output with { Precision = Precision.Float16 } };
        Train(file);
        string exported = ModelExport.Write(file, RunPlaces.OnThisMachine(file, TimeProvider.System));
        using var network = DiffusionDpo.Models.Loading.Weights.Open(Path.Combine(exported, "unet", "diffusion_pytorch_model.safetensors"));
        Assert.All(network.Entries.Values, entry => Assert.Equal(ScalarType.Float16, entry.Type));
        foreach (string part in (string[])["vae/diffusion_pytorch_model.safetensors", "vae/config.json", "text_encoder_2/model.safetensors"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(file.Model.Source, part)), File.ReadAllBytes(Path.Combine(exported, part)));
    }

    /// <summary>The files of the last checkpoint of an uninterrupted run.</summary>
    private IReadOnlyList<CheckpointFile> Straight(RunFile file, TimeProvider? time = null)
    {
        string place = Path.Combine(directory.Root, "straight");
        RunFile elsewhere = file with { Output = new() { Uri = place }, Checkpoints = file.Checkpoints with { Uri = Path.Combine(place, "checkpoints") } };
        Train(elsewhere, time: time);
        return Final(elsewhere);
    }

    [Fact]
    public void The_average_is_what_is_exported_where_one_is_kept()
    {
        RunFile plain = directory.File, file = RunDirectory.Variants["ema"](plain);
        TrainingResult result = Train(file);
        using StableDiffusionPipeline model = StableDiffusionPipeline.Load(ModelExport.Write(file, RunPlaces.OnThisMachine(file, TimeProvider.System)));
        using StableDiffusionPipeline start = StableDiffusionPipeline.Load(plain.Model.Source);
        using var trained = DiffusionDpo.Models.Loading.Weights.Open(Path.Combine(result.Checkpoint!.Uri, TrainingState.WeightsFile));
        using var average = DiffusionDpo.Models.Loading.Weights.Open(Path.Combine(result.Checkpoint.Uri, TrainingState.AverageFile));
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.UNet.named_parameters())
        {
            Assert.True(parameter.equal(average.GetTensor(name)).all().item<bool>(), name);
            Tensor before = start.UNet.state_dict()[name], after = trained.GetTensor(name);
            double share = ((parameter - before).norm() / (after - before).norm()).item<float>();
            Assert.InRange(share, 0.2, 0.8); // between the base model and the last weights
        }
    }

    /// <summary>Only what is trained may change: an average does not.</summary>
    [Fact]
    public void An_average_leaves_training_as_it_is()
    {
        CheckpointFile[] plain = [.. Straight(directory.File)];
        Directory.Delete(Path.Combine(directory.Root, "straight"), recursive: true);
        Assert.Equal(plain, Straight(RunDirectory.Variants["ema"](directory.File)).Where(file => file.Name != TrainingState.AverageFile));
    }

    private static IReadOnlyList<CheckpointFile> Final(RunFile file)
    {
        CheckpointManifest manifest = RunPlaces.OnThisMachine(file, TimeProvider.System).Checkpoints.FindLatest(stop: Stop)!.Manifest;
        Assert.Equal(RunDirectory.Steps, manifest.Position.Step);
        return manifest.Files;
    }

    private TrainingResult Train(RunFile file, CancellationTokenSource? stop = null, Func<TrainingEvent, bool>? stopAt = null, TimeProvider? time = null, long? available = null)
    {
        var host = new TrainingHost
        {
            AvailableMemory = available,
            IgnoresMemoryPlan = available is not null,
            Time = time ?? TimeProvider.System,
            OnEvent = happened =>
            {
                events.Add(happened);
                if (stopAt?.Invoke(happened) == true) stop!.Cancel();
            },
        };
        return TrainingRun.Execute(file, host, stop?.Token ?? CancellationToken.None);
    }

    private sealed class CountingTime : TimeProvider
    {
        public int Looks { get; private set; }

        public List<int> Dates { get; } = [];

        public override long GetTimestamp()
        {
            Looks++;
            return base.GetTimestamp();
        }

        public override DateTimeOffset GetUtcNow()
        {
            Dates.Add(++Looks);
            return base.GetUtcNow();
        }
    }
}
