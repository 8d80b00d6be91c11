using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Presets;

namespace DiffusionDpo.Api.Tests.Presets;

public sealed class PresetTests
{
    [Theory]
    [InlineData(PresetName.Recommended, ModelFamily.Sd15, 5000, 8.192e-6, 500, OptimizerType.AdamW, 1, 0, FlipMode.Pair, Precision.BFloat16, 512)]
    [InlineData(PresetName.Recommended, ModelFamily.Sdxl, 5000, 8.192e-6, 500, OptimizerType.AdamW, 1, 0, FlipMode.Pair, Precision.BFloat16, 1024)]
    [InlineData(PresetName.Paper, ModelFamily.Sd15, 2000, 2.048e-8, 500, OptimizerType.AdamW, 0, 0, FlipMode.Pair, Precision.Float32, 512)]
    [InlineData(PresetName.Paper, ModelFamily.Sdxl, 5000, 8.192e-9, 500, OptimizerType.Adafactor, 0, 0, FlipMode.Pair, Precision.Float32, 1024)]
    [InlineData(PresetName.Salesforce, ModelFamily.Sd15, 5000, 2.048e-5, 500, OptimizerType.AdamW, 1, 0.2, FlipMode.Image, Precision.Float32, 512)]
    [InlineData(PresetName.Salesforce, ModelFamily.Sdxl, 5000, 2.048e-5, 200, OptimizerType.Adafactor, 1, 0.2, FlipMode.Image, Precision.Float32, 1024)]
    public void A_preset_resolves_to_the_numbers_of_its_table(
        PresetName name, ModelFamily family, double beta, double learningRate, int warmup, OptimizerType optimizer,
        double clip, double empty, FlipMode flip, Precision precision, int resolution)
    {
        var file = Samples.RunFile(s => s with { Preset = name, Model = s.Model with { Family = family } });
        Assert.Equal((beta, 2000, 2048, precision), (file.Training.Objective.Beta, file.Training.Steps, file.Training.GlobalBatch, file.Training.Precision));
        Assert.Equal(learningRate, file.Optimizer.LearningRate!.Value, learningRate * 1e-12);
        Assert.Equal((optimizer, warmup, clip), (file.Optimizer.Type, file.Optimizer.WarmupSteps, file.Optimizer.MaxGradNorm));
        Assert.Equal((0.9, 0.999, 1e-8, 0.01), (file.Optimizer.Beta1, file.Optimizer.Beta2, file.Optimizer.Epsilon, file.Optimizer.WeightDecay));
        Assert.Equal((resolution, CropMode.Center, flip, empty), (file.Data.Resolution, file.Data.Crop, file.Data.Flip, file.Data.EmptyPromptProportion));
        Assert.Equal(name, file.Preset);
    }

    [Theory]
    [InlineData(PresetName.Recommended, 8.192e-5)]
    [InlineData(PresetName.Paper, 2.048e-8)]
    [InlineData(PresetName.Salesforce, 2.048e-5)]
    public void Adapters_get_a_rate_of_their_own_where_the_numbers_are_ours(PresetName name, double learningRate)
    {
        var file = Samples.RunFile(s => s with { Preset = name, Adapter = new AdapterOptions { Type = AdapterType.Lora } });
        Assert.Equal(learningRate, file.Optimizer.LearningRate!.Value, learningRate * 1e-12);
    }

    [Theory]
    [InlineData(PresetName.Recommended, 3.2e-7, 2)]
    [InlineData(PresetName.Paper, 4.096e-8, 2)]
    [InlineData(PresetName.Salesforce, 1.6e-7, 10)]
    public void Learning_rate_and_warm_up_follow_the_scale_of_the_run(PresetName name, double learningRate, int warmup)
    {
        var file = Samples.RunFile(s => s with
        {
            Preset = name,
            Training = s.Training with { Steps = 10, GlobalBatch = 16, Objective = new ObjectiveOptions { Beta = 1000 } },
        });
        Assert.Equal(learningRate, file.Optimizer.LearningRate!.Value, learningRate * 1e-12);
        Assert.Equal(warmup, file.Optimizer.WarmupSteps);
    }

    [Fact]
    public void What_the_user_set_wins_over_every_preset()
    {
        var data = new DataOptions { Sources = [new DataSource { Uri = "/d" }], Resolution = 64, Crop = CropMode.Random, Flip = FlipMode.None, EmptyPromptProportion = 0.5, Cache = DataCache.Latents, CacheUri = "/cache" };
        var training = new TrainingOptions
        {
            Objective = new ObjectiveOptions { Beta = 1, SafeguardMargin = 0.5, MarginWeight = 2 }, Steps = 3, GlobalBatch = 4, Precision = Precision.Float32,
            MicroConditioning = MicroConditioning.Constant, EmptyPrompt = EmptyPrompt.Zeros,
        };
        var optimizer = new OptimizerOptions
        {
            Type = OptimizerType.AdamW, LearningRate = 1, WarmupSteps = 0, Beta1 = 0, Beta2 = 0.5, Epsilon = 0.1, WeightDecay = 0, MaxGradNorm = 2,
        };
        foreach (var preset in PresetList.All)
        {
            var file = Samples.RunFile(s => s with
            {
                Preset = preset.Name,
                Data = data,
                Training = training,
                Optimizer = optimizer,
                Adapter = new AdapterOptions { Alpha = 7 },
                Checkpoints = new CheckpointOptions { Uri = "/c" },
            });
            Assert.Equal((data, training, optimizer), (file.Data, file.Training, file.Optimizer));
            Assert.Equal((7, "/c"), (file.Adapter.Alpha, file.Checkpoints.Uri));
        }
    }

    [Fact]
    public void Every_name_has_its_preset() =>
        Assert.Equal(Enum.GetValues<PresetName>(), PresetList.All.Select(p => p.Name));

    [Fact]
    public void What_no_preset_governs_follows_from_its_neighbours()
    {
        var file = Samples.RunFile(s => s with { Output = new OutputOptions { Uri = "s3://runs/first/" } });
        Assert.Equal(16, file.Adapter.Alpha);
        Assert.Equal("s3://runs/first/checkpoints", file.Checkpoints.Uri);
    }

    [Theory]
    [InlineData(5000, 512, 0.15259)]
    [InlineData(5000, 1024, 0.03815)]
    [InlineData(2000, 512, 0.06104)]
    public void Beta_in_sum_form_is_that_of_the_papers_pseudo_code(double beta, int resolution, double sum) =>
        Assert.Equal(sum, BetaForms.Sum(beta, resolution), 5);

    [Fact]
    public void The_documentation_has_every_preset_with_its_numbers()
    {
        var text = File.ReadAllText(Repository.Path("docs", "presets.md"));
        foreach (var preset in PresetList.All)
        {
            foreach (var family in Enum.GetValues<ModelFamily>())
            {
                var file = Samples.RunFile(s => s with { Preset = preset.Name, Model = s.Model with { Family = family } });
                var row = FormattableString.Invariant(
                    $"| {Word(preset.Name)} | {Word(family)} | {file.Training.Objective.Beta} | {BetaForms.Sum(file.Training.Objective.Beta!.Value, file.Data.Resolution!.Value):F5} | {file.Optimizer.LearningRate:0.###E+0} | {file.Optimizer.WarmupSteps} | {Word(file.Optimizer.Type!.Value)} | {file.Optimizer.MaxGradNorm} | {file.Data.EmptyPromptProportion} | {Word(file.Data.Flip!.Value)} | {Word(file.Training.Precision!.Value)} |");
                Assert.Contains(row, text);
            }
        }
    }

    private static string Word<T>(T value) where T : struct, Enum => System.Text.Json.JsonSerializer.Serialize(value).Trim('"');
}
