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
    public static TheoryData<string, string> Runs => GoldenRun.Trainings();

    [Theory]
    [MemberData(nameof(Runs))]
    public void Losses_norms_rates_and_final_weights_are_those_of_the_reference(string tag, string name)
    {
        using JsonDocument recorded = Goldens.Json("train", name + ".json");
        JsonElement run = recorded.RootElement, settings = run.GetProperty("settings");
        Dictionary<string, Tensor> inputs = GoldenRun.TrainingInputs(tag, name);
        string[] micros = [.. inputs.Keys.Select(key => key.Split('.')[0]).Where(key => key.StartsWith("micro", StringComparison.Ordinal)).Distinct().Order()];
        using UNet2DConditionModel policy = GoldenRun.Reference(tag, ScalarType.Float32), reference = GoldenRun.Reference(tag, ScalarType.Float32);
        using NoiseSchedule schedule = NoiseSchedule.Load(Goldens.Path($"tiny-{tag}"));
        using var parameters = FlatParameters.Of(policy);
        OptimizerOptions options = TinyRun.Rates with
        {
            Type = Enum.Parse<OptimizerType>(run.GetProperty("optimizer").GetString()!),
            LearningRate = settings.GetProperty("lr").GetDouble(), WarmupSteps = settings.GetProperty("warmup").GetInt32(),
        };
        using IOptimizer optimizer = OptimizerList.For(options, parameters);
        var objective = new Recording(new SigmoidObjective(settings.GetProperty("beta").GetDouble()));
        var step = new TrainingStep
        {
            Policy = policy, Parameters = parameters, Reference = new FrozenReference(reference), Objective = objective, Optimizer = optimizer,
            LearningRate = new(options.LearningRate!.Value, options.WarmupSteps!.Value), MaxGradientNorm = run.GetProperty("clip_applied").GetBoolean() ? 1 : 0,
            Accumulation = settings.GetProperty("accum").GetInt32(), Clock = new(TimeProvider.System),
        };

        int next = 0;
        double[] rates = Numbers(run, "lr_at_optimizer_step"), norms = Numbers(run, "grad_norm_before_clip"); // no norms where nothing was clipped
        for (int i = 0; i < rates.Length; i++)
        {
            StepReport report = step.Run(() => Batch(inputs, micros[next++], schedule), CancellationToken.None);
            Assert.Equal(rates[i], report.LearningRate, 1e-12);
            if (norms.Length > 0) Assert.InRange(Math.Abs((report.GradientNorm / norms[i]) - 1), 0, 2e-3);
        }

        Assert.Equal(micros.Length, next);
        double[] losses = Numbers(run, "micro_losses");
        Assert.Equal(losses.Length, objective.Losses.Count);
        Assert.All(losses.Zip(objective.Losses), each => Assert.Equal(each.First, each.Second, 2e-3));
        Assert.Equal(1, UpdateOf(tag, parameters) / run.GetProperty("noise_floor").GetProperty("total_update_l2").GetDouble(), 5e-3);
        if (Goldens.Exists("train", name + "_final_unet.safetensors"))
            AssertWeights(tag, GoldenRun.Tensors("train", name + "_final_unet.safetensors"), parameters, options.Type == OptimizerType.AdamW ? 5e-3 : 1.5e-2);
    }

    private static double[] Numbers(JsonElement run, string name) => [.. run.GetProperty(name).EnumerateArray().Select(each => each.GetDouble())];

    private static DenoisingBatch Batch(Dictionary<string, Tensor> inputs, string micro, NoiseSchedule schedule)
    {
        Tensor latents = inputs[micro + ".latents"];
        long pairs = latents.shape[0] / 2;
        var shared = new PairNoise(inputs[micro + ".noise"].narrow(0, 0, pairs), inputs[micro + ".timesteps"].narrow(0, 0, pairs));
        return DenoisingBatch.Of(schedule, latents, shared, GoldenRun.Conditioning(inputs, micro + ".", 2 * pairs, ScalarType.Float32), ones(pairs));
    }

    /// <summary>L2 norm of what training has changed.</summary>
    private static double UpdateOf(string tag, FlatParameters parameters)
    {
        Dictionary<string, Tensor> before = Start(tag);
        return Math.Sqrt(parameters.Named(parameters.Values).Sum(each => Math.Pow((each.Tensor - before[each.Name]).@double().norm().item<double>(), 2)));
    }

    private static void AssertWeights(string tag, Dictionary<string, Tensor> golden, FlatParameters parameters, double tolerance)
    {
        Dictionary<string, Tensor> before = Start(tag);
        double distance = 0, update = 0;
        foreach ((string name, Tensor weight) in parameters.Named(parameters.Values))
        {
            Assert.InRange(Goldens.MaxAbs(weight, golden[name]), 0, 2e-6);
            distance += Math.Pow((weight - golden[name]).@double().norm().item<double>(), 2);
            update += Math.Pow((golden[name] - before[name]).@double().norm().item<double>(), 2);
        }

        Assert.InRange(Math.Sqrt(distance / update), 0, tolerance);
    }

    private static Dictionary<string, Tensor> Start(string tag)
    {
        using UNet2DConditionModel start = GoldenRun.Reference(tag, ScalarType.Float32);
        return start.named_parameters().ToDictionary(each => each.name, each => each.parameter.detach());
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
