using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Checkpoints;
using DiffusionDpo.Training.Runs;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Runs;

/// <summary>Runs that train adapters.</summary>
public sealed class AdapterRunTests : TorchTest
{
    private readonly RunDirectory directory = new();
    private readonly List<TrainingEvent> events = [];

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void A_run_starts_at_ln_2_to_the_bit_moves_and_saves_adapters_alone(Precision precision)
    {
        RunFile file = RunDirectory.WithAdapters(directory.File);
        TrainingResult result = Train(file with { Training = file.Training with { Precision = precision } });
        StepCompleted[] steps = [.. events.OfType<StepCompleted>()];
        Assert.Equal((MathF.Log(2), 0.0), (steps[0].Report.Loss, steps[0].Report.RewardMargin));
        Assert.NotEqual(0, steps[^1].Report.RewardMargin);
        using Weights saved = Weights.Open(Path.Combine(result.Checkpoint!.Uri, TrainingState.AdapterFile));
        Assert.All(saved.Entries, each => Assert.Contains(".lora_", each.Key));
        Assert.All(saved.Entries, each => Assert.Equal(ScalarType.Float32, each.Value.Type));
        Assert.Contains("mid_block.attentions.0.proj_in.lora_A.weight", saved.Entries.Keys);
        Assert.False(File.Exists(Path.Combine(result.Checkpoint.Uri, TrainingState.WeightsFile)));
    }

    [Fact]
    public void The_exported_model_predicts_what_base_and_adapters_predict()
    {
        RunFile file = RunDirectory.WithAdapters(directory.File);
        Train(file);
        string exported = ModelExport.Write(file, RunPlaces.OnThisMachine(file, TimeProvider.System)), place = RunPlaces.OnThisMachine(file, TimeProvider.System).ExportedAdapters;
        using StableDiffusionPipeline merged = StableDiffusionPipeline.Load(exported), start = StableDiffusionPipeline.Load(file.Model.Source);
        Tensor expected = Predict(merged.UNet), before = Predict(start.UNet);
        Assert.True(Goldens.RelativeL2(expected, before) > 1e-4);
        foreach (string name in (string[])[LoraFile.DiffusersName, "tiny-kohya.safetensors"])
        {
            using LoraAdapters adapters = LoraFile.Attach(Path.Combine(place, name), start.UNet, baseHash: null);
            Assert.Equal((3, 6.0), (adapters.Rank, adapters.Alpha));
            Assert.InRange(Goldens.RelativeL2(Predict(start.UNet), expected), 0, 5e-6);
        }

        Assert.Equal(exported, ModelExport.Write(file, RunPlaces.OnThisMachine(file, TimeProvider.System)));
    }

    [Fact]
    public void Another_base_model_than_at_the_start_is_refused_before_it_goes_on_and_at_the_export()
    {
        string model = Path.Combine(directory.Root, "model");
        CopyModel(directory.File.Model.Source, model);
        RunFile file = RunDirectory.WithAdapters(directory.File) with { Model = new() { Source = model } };
        Train(file);
        Change(Path.Combine(model, "unet", "diffusion_pytorch_model.safetensors"));
        Assert.Matches("was trained on another base model than .* is now: the hash of its unet was [0-9a-f]{64} and is [0-9a-f]{64}; restore that", Failure.Of(ExitClass.ConfigurationError, () => Train(file)));
        Assert.Contains("not the one that the adapters were trained on", Failure.Of(ExitClass.ConfigurationError, () => ModelExport.Write(file, RunPlaces.OnThisMachine(file, TimeProvider.System))));
        Assert.False(Directory.Exists(RunPlaces.OnThisMachine(file, TimeProvider.System).ExportedModel));
    }

    [Fact]
    public void Unknown_targets_are_a_configuration_error_that_names_the_known_ones()
    {
        RunFile file = directory.File with { Adapter = new() { Type = AdapterType.Lora, Alpha = 16, Targets = ["to_query"] } };
        Assert.Contains("known are", Failure.Of(ExitClass.ConfigurationError, () => Train(file)));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        directory.Dispose();
    }

    private TrainingResult Train(RunFile file) => TrainingRun.Execute(file, new TrainingHost { OnEvent = events.Add }, CancellationToken.None);

    private static Tensor Predict(UNet2DConditionModel network)
    {
        using IDisposable noGradient = no_grad();
        Tensor latents = (arange(2 * 4 * 64, ScalarType.Float32) * 12.9898).sin().view(2, 4, 8, 8);
        return network.call(latents, tensor(new long[] { 20, 700 }), new((arange(2 * 5 * 32, ScalarType.Float32) * 3.7).cos().view(2, 5, 32)));
    }

    private static void CopyModel(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static void Change(string weights)
    {
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^3] ^= 1;
        File.WriteAllBytes(weights, bytes);
    }
}
