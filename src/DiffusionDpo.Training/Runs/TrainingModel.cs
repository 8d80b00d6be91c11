using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Checkpoints;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.ReferenceErrors;
using DiffusionDpo.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Runs;

/// <summary>
/// Everything with tensors in a run: the frozen base model, the policy's trainable parameters in flat buffers, the optimizer, and the step over them. A
/// full fine-tune has a second UNet, where not all of its errors are known; with adapters there is one, and the reference is that with the adapters off.
/// </summary>
internal sealed class TrainingModel : IDisposable
{
    private readonly UNet2DConditionModel policy;
    private readonly LoraAdapters? adapters;
    private readonly RunFile file;
    private readonly RecomputedActivations? recomputed;
    private readonly CachedReference? cached;

    private TrainingModel(RunFile file, string source, TimeProvider time, (ReferenceErrorCache Errors, bool IsBase)? known)
    {
        this.file = file;
        Device device = ComputeDevices.Use(file.Training);
        IObjective objective = ObjectiveList.For(file.Training.Objective);
        ScalarType format = NumberFormats.Of(file.Training.Precision!.Value);
        int accumulation = file.Training.GlobalBatch!.Value / file.Training.MicroBatch;
        bool trainsAdapters = file.Adapter.Type == AdapterType.Lora, hasOwnReference = objective.ComparesWithReference && !trainsAdapters && known?.Errors.IsComplete != true;

        // As a reference beside the policy a copy and not a mapped file: with the same alignment in memory both take the same kernel path to the bit.
        Base = StableDiffusionPipeline.Load(source, device, format, file.Model.Family, hasOwnReference ? LoadMode.Copy : LoadMode.Map, withEncoders: file.Data.Cache != DataCache.Latents, withUNet: trainsAdapters || hasOwnReference);
        if (trainsAdapters) adapters = LoraAdapters.Attach(Base.UNet, file.Adapter, new CounterRandom(file.Training.Seed, 0, 0, DrawPurpose.Initialization).FillUniform);
        policy = trainsAdapters ? Base.UNet : LoadUNet(source, device, ScalarType.Float32); // whatever it computes in, what is trained is changed in float32
        Parameters = FlatParameters.Of(adapters?.Slots() ?? ParameterSlot.Of(policy), format, accumulation > 1);
        IReference? reference = !objective.ComparesWithReference ? new NoReference() : adapters is not null ? new AdaptersOff(policy, adapters) : hasOwnReference ? new FrozenReference(Base.UNet) : null;
        // At the base model's weights the policy computes what the reference would.
        if (known is { } errors) cached = new() { Cache = errors.Errors, Network = reference, Witness = reference ?? (errors.IsBase ? new FrozenReference(policy) : null), Beta = file.Training.Objective.Beta!.Value };
        HostAllocator.GiveBackFreedMemory(); // loading leaves it in pieces, of which the optimizer's large buffers can take none
        Optimizer = OptimizerList.For(file.Optimizer, Parameters);
        if (file.Training.Ema.Decay > 0) Average = new(Parameters, file.Training.Ema.Decay);
        if (file.Training.GradientCheckpointing == GradientCheckpointing.Blocks) recomputed = new(policy);
        Step = new()
        {
            Policy = policy,
            Parameters = Parameters,
            Reference = cached ?? reference!,
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

    /// <summary>How it is trained.</summary>
    public TrainingOptions Options => file.Training;

    /// <summary>The policy's parameters.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>Their optimizer.</summary>
    public IOptimizer Optimizer { get; }

    /// <summary>The parameters' average; null where none is kept.</summary>
    public MovingAverage? Average { get; }

    /// <summary>The step.</summary>
    public TrainingStep Step { get; }

    /// <summary>What a checkpoint holds.</summary>
    public TrainingState State => new(Parameters, Optimizer, Average) { WeightsName = TrainingState.WeightsFileOf(file.Adapter) };

    /// <summary>Loads the base model, for a full fine-tune its UNet twice: to be trained, and to be compared with.</summary>
    /// <param name="file">The run file, supported by this version.</param>
    /// <param name="source">The base model's directory.</param>
    /// <param name="time">The clock.</param>
    /// <param name="known">What is known of the reference's errors, and whether training begins at the base model; null: they are computed.</param>
    public static TrainingModel Load(RunFile file, string source, TimeProvider time, (ReferenceErrorCache Errors, bool IsBase)? known = null) => new(file, source, time, known);

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Average?.Dispose();
        recomputed?.Dispose();
        cached?.Dispose();
        Parameters.Dispose();
        adapters?.Dispose();
        policy.Dispose();
        Base.Dispose();
    }

    private static UNet2DConditionModel LoadUNet(string source, Device device, ScalarType format)
    {
        ModelDirectory directory = ModelDirectory.Open(source);
        var network = new UNet2DConditionModel(UNetConfig.FromFile(directory.FilePath("unet", "config.json")), META);
        using Weights weights = directory.OpenWeights("unet");
        StrictLoader.Load(network, weights, LoadMode.Map, format); // the flat buffer becomes its copy
        return (UNet2DConditionModel)network.to(device);
    }
}
