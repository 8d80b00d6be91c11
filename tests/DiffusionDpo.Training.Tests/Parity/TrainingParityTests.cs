using System.Text.Json;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.Steps;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Parity;

/// <summary>The authors' own training program, step by step.</summary>
[Trait("Category", "Parity")]
public sealed class TrainingParityTests : TorchTest
{
    public static TheoryData<string, string> Runs => GoldenRun.AdamW();

    [Theory]
    [MemberData(nameof(Runs))]
    public void Losses_norms_rates_and_final_weights_are_those_of_the_reference(string tag, string name)
    {
        using JsonDocument recorded = Goldens.Json("train", name + ".json");
        JsonElement run = recorded.RootElement, settings = run.GetProperty("settings");
        Dictionary<string, Tensor> inputs = GoldenRun.Tensors("train", name + "_inputs.safetensors");
        string[] micros = [.. inputs.Keys.Select(key => key.Split('.')[0]).Where(key => key.StartsWith("micro", StringComparison.Ordinal)).Distinct().Order()];
        using UNet2DConditionModel policy = GoldenRun.Reference(tag, ScalarType.Float32), reference = GoldenRun.Reference(tag, ScalarType.Float32);
        using NoiseSchedule schedule = NoiseSchedule.Load(Goldens.Path($"tiny-{tag}"));
        using var parameters = FlatParameters.Of(policy);
        OptimizerOptions options = TinyRun.Rates with { LearningRate = settings.GetProperty("lr").GetDouble(), WarmupSteps = settings.GetProperty("warmup").GetInt32() };
        using var optimizer = new AdamW(parameters, options);
        var objective = new Recording(new SigmoidObjective(settings.GetProperty("beta").GetDouble()));
        var step = new TrainingStep
        {
            Policy = policy, Parameters = parameters, Reference = new FrozenReference(reference), Objective = objective, Optimizer = optimizer,
            LearningRate = new(options.LearningRate!.Value, options.WarmupSteps!.Value), MaxGradientNorm = run.GetProperty("clip_applied").GetBoolean() ? 1 : 0,
            Accumulation = settings.GetProperty("accum").GetInt32(), Clock = new(TimeProvider.System),
        };

        int next = 0;
        foreach ((JsonElement norm, JsonElement rate) in run.GetProperty("grad_norm_before_clip").EnumerateArray().Zip(run.GetProperty("lr_at_optimizer_step").EnumerateArray()))
        {
            StepReport report = step.Run(() => Batch(inputs, micros[next++], schedule), CancellationToken.None);
            Assert.Equal(rate.GetDouble(), report.LearningRate, 1e-12);
            Assert.InRange(Math.Abs((report.GradientNorm / norm.GetDouble()) - 1), 0, 2e-3);
        }

        Assert.Equal(micros.Length, next);
        double[] losses = [.. run.GetProperty("micro_losses").EnumerateArray().Select(each => each.GetDouble())];
        Assert.Equal(losses.Length, objective.Losses.Count);
        Assert.All(losses.Zip(objective.Losses), each => Assert.Equal(each.First, each.Second, 2e-3));
        AssertWeights(tag, GoldenRun.Tensors("train", name + "_final_unet.safetensors"), parameters);
    }

    private static DenoisingBatch Batch(Dictionary<string, Tensor> inputs, string micro, NoiseSchedule schedule)
    {
        Tensor text = inputs[micro + ".encoder_hidden_states"];
        long pairs = text.shape[0];
        var shared = new PairNoise(inputs[micro + ".noise"].narrow(0, 0, pairs), inputs[micro + ".timesteps"].narrow(0, 0, pairs));
        return DenoisingBatch.Of(schedule, inputs[micro + ".latents"], shared, text, ones(pairs));
    }

    private static void AssertWeights(string tag, Dictionary<string, Tensor> golden, FlatParameters parameters)
    {
        using UNet2DConditionModel start = GoldenRun.Reference(tag, ScalarType.Float32);
        Dictionary<string, Tensor> before = start.named_parameters().ToDictionary(each => each.name, each => each.parameter.detach());
        double distance = 0, update = 0;
        foreach ((string name, Tensor weight) in parameters.Named(parameters.Values))
        {
            Assert.InRange(Goldens.MaxAbs(weight, golden[name]), 0, 2e-6);
            distance += Math.Pow((weight - golden[name]).@double().norm().item<double>(), 2);
            update += Math.Pow((golden[name] - before[name]).@double().norm().item<double>(), 2);
        }

        Assert.InRange(Math.Sqrt(distance / update), 0, 5e-3);
    }

    private sealed class Recording(IObjective inner) : IObjective
    {
        public List<double> Losses { get; } = [];

        public bool LooksAtLosers => inner.LooksAtLosers;

        public bool ComparesWithReference => inner.ComparesWithReference;

        public ObjectiveValue Evaluate(Tensor policyErrors, Tensor? referenceErrors, Tensor weights)
        {
            ObjectiveValue value = inner.Evaluate(policyErrors, referenceErrors, weights);
            Losses.Add(value.Loss.item<float>());
            return value;
        }
    }
}
