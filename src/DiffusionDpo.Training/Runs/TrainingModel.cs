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

    private TrainingModel(RunFile file, TimeProvider time)
    {
        string source = StorageUri.Parse(file.Model.Source).LocalPath;
        Device device = ComputeDevices.Of(file.Training);
        IObjective objective = ObjectiveList.For(file.Training.Objective);
        Base = StableDiffusionPipeline.Load(source, device);
        policy = LoadUNet(source, device);

        // A copy and not the pipeline's mapped one: the same alignment in memory as the policy, so that both take the same kernel path to the bit.
        reference = objective.ComparesWithReference ? LoadUNet(source, device) : null;
        Parameters = FlatParameters.Of(policy);
        Optimizer = new(Parameters, file.Optimizer);
        Step = new()
        {
            Policy = policy,
            Parameters = Parameters,
            Reference = reference is null ? new NoReference() : new FrozenReference(reference),
            Objective = objective,
            PolicyErrors = ObjectiveList.ErrorsFor(file.Training.Objective),
            Optimizer = Optimizer,
            LearningRate = new(file.Optimizer.LearningRate!.Value, file.Optimizer.WarmupSteps!.Value),
            MaxGradientNorm = file.Optimizer.MaxGradNorm!.Value,
            Accumulation = file.Training.GlobalBatch!.Value / file.Training.MicroBatch,
            Clock = new(time),
        };
    }

    /// <summary>Autoencoder, text encoder, tokenizer, schedule.</summary>
    public StableDiffusionPipeline Base { get; }

    /// <summary>The policy's parameters.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>Their optimizer.</summary>
    public AdamW Optimizer { get; }

    /// <summary>The step.</summary>
    public TrainingStep Step { get; }

    /// <summary>What a checkpoint holds.</summary>
    public TrainingState State => new(Parameters, Optimizer);

    /// <summary>Loads the base model twice: to be trained, and to be compared with.</summary>
    /// <param name="file">The run file, supported by this version.</param>
    /// <param name="time">The clock.</param>
    public static TrainingModel Load(RunFile file, TimeProvider time) => new(file, time);

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Parameters.Dispose();
        policy.Dispose();
        reference?.Dispose();
        Base.Dispose();
    }

    private static UNet2DConditionModel LoadUNet(string source, Device device)
    {
        ModelDirectory directory = ModelDirectory.Open(source);
        var network = new UNet2DConditionModel(UNetConfig.FromFile(directory.FilePath("unet", "config.json")), META);
        using Weights weights = directory.OpenWeights("unet");
        StrictLoader.Load(network, weights);
        return (UNet2DConditionModel)network.to(device);
    }
}
