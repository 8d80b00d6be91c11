using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Storage;
using DiffusionDpo.Training.Checkpoints;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Runs;

/// <summary>Everything with tensors in a run: the frozen base model, the policy in flat buffers, the optimizer, and the step over them.</summary>
internal sealed class TrainingModel : IDisposable
{
    private readonly UNet2DConditionModel policy;
    private readonly UNet2DConditionModel? reference;
    private readonly RecomputedActivations? recomputed;

    private TrainingModel(RunFile file, TimeProvider time)
    {
        string source = StorageUri.Parse(file.Model.Source).LocalPath;
        Device device = ComputeDevices.Of(file.Training);
        IObjective objective = ObjectiveList.For(file.Training.Objective);
        ScalarType format = NumberFormats.Of(file.Training.Precision!.Value);
        int accumulation = file.Training.GlobalBatch!.Value / file.Training.MicroBatch;
        Base = StableDiffusionPipeline.Load(source, device, format, file.Model.Family);
        policy = LoadUNet(source, device, ScalarType.Float32); // whatever it computes in, it is changed in float32
        Parameters = FlatParameters.Of(policy, format, accumulation > 1);

        // A copy and not the pipeline's mapped one: the same alignment in memory as the policy, so that both take the same kernel path to the bit.
        reference = objective.ComparesWithReference ? LoadUNet(source, device, format) : null;
        Optimizer = OptimizerList.For(file.Optimizer, Parameters);
        if (file.Training.Ema.Decay > 0) Average = new(Parameters, file.Training.Ema.Decay);
        if (file.Training.GradientCheckpointing == GradientCheckpointing.Blocks) recomputed = new(policy);
        Step = new()
        {
            Policy = policy,
            Parameters = Parameters,
            Reference = reference is null ? new NoReference() : new FrozenReference(reference),
            Objective = objective,
            PolicyErrors = ObjectiveList.ErrorsFor(file.Training.Objective),
            Optimizer = Optimizer,
            Average = Average,
            Backpropagation = recomputed,
            LearningRate = new(file.Optimizer.LearningRate!.Value, file.Optimizer.WarmupSteps!.Value),
            MaxGradientNorm = file.Optimizer.MaxGradNorm!.Value,
            Accumulation = accumulation,
            Clock = new(time),
        };
    }

    /// <summary>Autoencoder, text encoder, tokenizer, schedule.</summary>
    public StableDiffusionPipeline Base { get; }

    /// <summary>The policy's parameters.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>Their optimizer.</summary>
    public IOptimizer Optimizer { get; }

    /// <summary>The parameters' average; null where none is kept.</summary>
    public MovingAverage? Average { get; }

    /// <summary>The step.</summary>
    public TrainingStep Step { get; }

    /// <summary>What a checkpoint holds.</summary>
    public TrainingState State => new(Parameters, Optimizer, Average);

    /// <summary>Loads the base model twice: to be trained, and to be compared with.</summary>
    /// <param name="file">The run file, supported by this version.</param>
    /// <param name="time">The clock.</param>
    public static TrainingModel Load(RunFile file, TimeProvider time) => new(file, time);

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Average?.Dispose();
        recomputed?.Dispose();
        Parameters.Dispose();
        policy.Dispose();
        reference?.Dispose();
        Base.Dispose();
    }

    private static UNet2DConditionModel LoadUNet(string source, Device device, ScalarType format)
    {
        ModelDirectory directory = ModelDirectory.Open(source);
        var network = new UNet2DConditionModel(UNetConfig.FromFile(directory.FilePath("unet", "config.json")), META);
        using Weights weights = directory.OpenWeights("unet");
        StrictLoader.Load(network, weights, LoadMode.Copy, format);
        return (UNet2DConditionModel)network.to(device);
    }
}
