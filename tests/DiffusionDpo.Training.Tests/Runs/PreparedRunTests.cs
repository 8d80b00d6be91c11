using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Preparation;
using DiffusionDpo.Training.Runs;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Runs;

public sealed class PreparedRunTests : IDisposable
{
    private readonly RunDirectory directory = new();

    public PreparedRunTests() => set_num_threads(1);

    public static TheoryData<string, FlipMode, int> Runs => new()
    {
        { "plain", FlipMode.Pair, 1 }, { "plain", FlipMode.Image, 2 }, { "plain", FlipMode.None, 2 }, { "lora", FlipMode.Pair, 2 },
        { "bf16", FlipMode.Pair, 2 }, { "sdxl", FlipMode.Image, 2 }, { "sd21", FlipMode.Pair, 1 },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Training_from_the_cache_is_training_from_the_sources_to_the_bit(string variant, FlipMode flip, int microBatch)
    {
        RunFile live = RunDirectory.Variants[variant](directory.File);
        live = live with
        {
            Data = live.Data with { Crop = CropMode.Center, Flip = flip }, Training = live.Training with { MicroBatch = microBatch },
        };
        RunFile cached = Cached(live);
        Assert.Equal(live.Fingerprint, cached.Fingerprint);
        Prepare(cached);
        double[] expected = Numbers(live), actual = Numbers(cached);
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected, number => Assert.True(double.IsFinite(number)));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void A_run_without_its_cache_is_refused_and_told_what_is_there()
    {
        RunFile file = Cached(directory.File with { Data = directory.File.Data with { Crop = CropMode.Center } });
        RunException none = Assert.Throws<RunException>(() => Numbers(file));
        Assert.Equal(ExitClass.InputMissing, none.ExitClass);
        Prepare(file);
        RunFile other = file with { Data = file.Data with { Resolution = 64 } };
        RunException failure = Assert.Throws<RunException>(() => Numbers(other));
        Assert.Equal(ExitClass.InputMissing, failure.ExitClass);
        string there = Path.GetFileName(Directory.GetDirectories(file.Data.CacheUri!).Single());
        Assert.Contains(there, failure.Message);
        Assert.Contains(PreparationRun.IdentityOf(other, other.Model.Source).Key, failure.Message);
        Assert.Contains("resolution is 64 and there 32", failure.Message);
    }

    /// <summary>Where it rounds what is prepared: a GPU's float32.</summary>
    [Theory]
    [InlineData(ScalarType.Float32, DeviceType.CUDA, true)]
    [InlineData(ScalarType.BFloat16, DeviceType.CUDA, false)]
    [InlineData(ScalarType.Float32, DeviceType.CPU, false)]
    public void What_was_prepared_with_tf32_is_another_cache_than_without(ScalarType format, DeviceType device, bool isAnother)
    {
        CacheIdentity Of(bool tf32) => CacheIdentity.Of(directory.File.Model.Source, directory.File.Data, format, device, tf32);
        Assert.Equal(isAnother, Of(true).Key != Of(false).Key);
    }

    public void Dispose() => directory.Dispose();

    private static RunFile Cached(RunFile live) => live with
    {
        Data = live.Data with { Cache = DataCache.Latents }, Output = new() { Uri = live.Output.Uri + "-cached" }, Checkpoints = live.Checkpoints with { Uri = live.Checkpoints.Uri + "-cached" },
    };

    private static void Prepare(RunFile file) => PreparationRun.Execute(file, file.Model.Source, scorer: null, (0, 1), TimeProvider.System, static _ => { }, CancellationToken.None);

    private static double[] Numbers(RunFile file)
    {
        List<double> numbers = [];
        TrainingHost host = new() { OnEvent = Take };
        TrainingRun.Execute(file, host, CancellationToken.None);
        return [.. numbers];

        void Take(TrainingEvent happened)
        {
            if (happened is StepCompleted step) numbers.AddRange([step.Report.Loss, step.Report.GradientNorm, step.Report.ReferenceError]);
            if (happened is HeldOutMeasured held) numbers.Add(held.Result.Accuracy);
        }
    }
}
