using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Tests.Plans;

public sealed class RunFingerprintTests
{
    [Fact]
    public void A_fingerprint_is_64_hex_digits_and_stays_what_it_is()
    {
        var fingerprint = Samples.RunFile().Fingerprint;
        Assert.Matches("^[0-9a-f]{64}$", fingerprint);
        Assert.Equal(fingerprint, Samples.RunFile().Fingerprint);
    }

    public static TheoryData<string, Func<DpoFineTuneSpec, DpoFineTuneSpec>> Decisive => new()
    {
        { "model", s => s with { Model = s.Model with { Source = "/models/other" } } },
        { "family", s => s with { Model = s.Model with { Family = ModelFamily.Sdxl } } },
        { "data", s => s with { Data = s.Data with { Sources = [new DataSource { Uri = "/data/other" }] } } },
        { "resolution", s => s with { Data = s.Data with { Resolution = 64 } } },
        { "beta", s => s with { Training = s.Training with { Objective = new ObjectiveOptions { Beta = 1 } } } },
        { "winnerAnchor", s => s with { Training = s.Training with { Objective = new ObjectiveOptions { WinnerAnchor = 1 } } } },
        { "timesteps", s => s with { Training = s.Training with { Timesteps = new TimestepOptions { Max = 500 } } } },
        { "minSnrGamma", s => s with { Training = s.Training with { MinSnrGamma = 5 } } },
        { "steps", s => s with { Training = s.Training with { Steps = 7 } } },
        { "seed", s => s with { Training = s.Training with { Seed = 1 } } },
        { "microBatch", s => s with { Training = s.Training with { MicroBatch = 2 } } },
        { "tf32", s => s with { Training = s.Training with { Tf32 = true } } },
        { "adapter", s => s with { Adapter = s.Adapter with { Type = AdapterType.Lora } } },
        { "learningRate", s => s with { Optimizer = s.Optimizer with { LearningRate = 1e-3 } } },
    };

    public static TheoryData<string, Func<DpoFineTuneSpec, DpoFineTuneSpec>> Indifferent => new()
    {
        { "prefetch", s => s with { Data = s.Data with { PrefetchPairs = 1 } } },
        { "badShards", s => s with { Data = s.Data with { BadShards = BadShards.Skip } } },
        { "diskCache", s => s with { Data = s.Data with { DiskCache = new DiskCacheOptions { Path = "/cache", Size = "1Gi" } } } },
        { "maxBadFraction", s => s with { Data = s.Data with { MaxBadFraction = 0.5 } } },
        { "gradientCheckpointing", s => s with { Training = s.Training with { GradientCheckpointing = GradientCheckpointing.Blocks } } },
        { "device", s => s with { Training = s.Training with { Device = ComputeDevice.Cpu } } },
        { "output", s => s with { Output = s.Output with { Uri = "/runs/other" } } },
        { "checkpoints", s => s with { Checkpoints = s.Checkpoints with { EverySteps = 5 } } },
        { "evaluation", s => s with { Evaluation = s.Evaluation with { HeldOutPairs = 5 } } },
        { "storage", s => s with { Storage = new StorageOptions { S3 = new S3Options { Endpoint = "https://minio" } } } },
        { "runId", s => s with { RunId = "2" } },
        { "a preset number spelled out", s => s with { Data = s.Data with { Crop = CropMode.Center } } },
    };

    [Theory]
    [MemberData(nameof(Decisive))]
    public void What_decides_the_weights_changes_the_fingerprint(string what, Func<DpoFineTuneSpec, DpoFineTuneSpec> change) =>
        Assert.True(Samples.RunFile().Fingerprint != Samples.RunFile(change).Fingerprint, what);

    [Theory]
    [MemberData(nameof(Indifferent))]
    public void What_does_not_decide_the_weights_leaves_the_fingerprint(string what, Func<DpoFineTuneSpec, DpoFineTuneSpec> change) =>
        Assert.True(Samples.RunFile().Fingerprint == Samples.RunFile(change).Fingerprint, what);
}
