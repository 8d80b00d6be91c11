using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.Steps;
using static TorchSharp.torch;

namespace Gpu;

/// <summary>The product's training step on the goldens' SD1.5 network and recorded inputs.</summary>
internal sealed class SmallStep : IDisposable
{
    private static readonly OptimizerOptions Rates = new() { Type = OptimizerType.AdamW, LearningRate = 1e-5, WarmupSteps = 0, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0.01 };

    private readonly UNet2DConditionModel policy, reference;
    private readonly FlatParameters parameters;
    private readonly IOptimizer optimizer;
    private readonly TrainingStep step;
    private readonly Device device;
    private readonly ScalarType format;

    public SmallStep(Device device, ScalarType format)
    {
        (this.device, this.format) = (device, format);
        policy = Networks.Tiny("sd15", device);
        reference = Networks.Tiny("sd15", device, format);
        parameters = FlatParameters.Of(policy, format, sumsGradients: false);
        optimizer = OptimizerList.For(Rates, parameters);
        step = new()
        {
            Policy = policy, Parameters = parameters, Reference = new FrozenReference(reference), Objective = new SigmoidObjective(5000), Optimizer = optimizer,
            LearningRate = new(1e-5, 0), MaxGradientNorm = 1, Accumulation = 1, Clock = new(TimeProvider.System),
        };
    }

    public StepReport Run() => step.Run(Batch, CancellationToken.None);

    public void Dispose()
    {
        optimizer.Dispose();
        parameters.Dispose();
        policy.Dispose();
        reference.Dispose();
    }

    private DenoisingBatch Batch()
    {
        Dictionary<string, Tensor> inputs = Networks.Tensors(device, "dpo", "sd15_inputs.safetensors");
        return new(
            inputs["noisy_latents"].to(format), inputs["timesteps"].repeat(2), new Conditioning(inputs["encoder_hidden_states"].to(format)).Repeat(2),
            inputs["noise"].repeat(2, 1, 1, 1), ones(inputs["timesteps"].shape, device: device));
    }
}
