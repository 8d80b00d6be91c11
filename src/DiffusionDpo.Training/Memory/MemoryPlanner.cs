using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Memory;

/// <summary>Plans the memory of a run from its options and the architecture of its model. Networks are built on the meta device and nothing is loaded.</summary>
public static class MemoryPlanner
{
    private const int OfFloat32 = 4;
    private const int Colours = 3;
    private const int Tokens = 77;
    private const long Stretch = 1 << 22; // of gradients that are widened at a time

    // Measured with models of next to no size: libtorch, the runtime, the readers of parquet and images; docs/benchmarks.md.
    private const long ProgramLoaded = 205L << 20;
    private const long ProgramStepping = 265L << 20;

    // A CUDA context with the libraries' kernels, as others report it.
    private const long ProgramOnGpu = 700L << 20;

    /// <summary>How many parameters a run trains.</summary>
    /// <param name="adapter">Its adapters.</param>
    /// <param name="model">Its model.</param>
    public static long TrainedParameters(AdapterOptions adapter, ModelOutline model)
    {
        using UNet2DConditionModel unet = new(model.UNet, META);
        return TrainedShapes.Of(unet, adapter).Sum(Elements);
    }

    /// <summary>Plans it. What <c>auto</c> leaves open is planned as <c>none</c>: <see cref="MemoryVerdict"/> decides it by what there is.</summary>
    /// <param name="file">The run file, resolved.</param>
    /// <param name="model">Its model.</param>
    /// <param name="device">Where the networks compute. On a GPU the figures are those of its memory; they are not measured.</param>
    public static MemoryPlan Of(RunFile file, ModelOutline model, DeviceType device = DeviceType.CPU)
    {
        bool isOnGpu = device != DeviceType.CPU;
        using UNet2DConditionModel unet = new(model.UNet, META);
        IReadOnlyList<long[]> trained = TrainedShapes.Of(unet, file.Adapter);
        long parameters = trained.Sum(Elements), whole = unet.parameters().Sum(parameter => parameter.numel());
        int format = BytesOf(file.Training.Precision!.Value), stored = (int)model.StoredAs.ElementSize();
        bool hasAdapters = file.Adapter.Type == AdapterType.Lora, isMixed = format != OfFloat32, sums = file.Training.GlobalBatch > file.Training.MicroBatch;
        IObjective objective = ObjectiveList.For(file.Training.Objective);
        int resolution = file.Data.Resolution!.Value, images = file.Training.MicroBatch * (objective.LooksAtLosers ? 2 : 1);
        bool isMapped = !isOnGpu && NumberFormats.Of(file.Training.Precision!.Value) == model.StoredAs;
        bool isPrepared = file.Data.Cache == DataCache.Latents;
        long encoders = FrozenParts(model, format, isMapped), frozen = isPrepared ? 0 : encoders, reference = objective.ComparesWithReference && !hasAdapters ? whole * format : 0;
        StepPhases phases = StepPhases.Of(file, model, images, format);
        MemoryPlan plan = new()
        {
            Checkpointing = StepPhases.Recomputes(file) ? GradientCheckpointing.Blocks : GradientCheckpointing.None,
            Program = isOnGpu ? ProgramOnGpu : ProgramStepping,
            FrozenParts = frozen,
            BaseUNet = hasAdapters ? whole * format : 0,
            MasterWeights = parameters * OfFloat32,
            NetworkWeights = isMixed ? parameters * format : 0,
            Gradients = (parameters * (format + (isMixed && sums ? OfFloat32 : 0))) + (isMixed ? Math.Min(Stretch, parameters) * OfFloat32 : 0),
            OptimizerState = StateOf(file.Optimizer.Type!.Value, trained) * OfFloat32,
            Average = file.Training.Ema.Decay > 0 ? parameters * OfFloat32 : 0,
            Reference = reference,
            Pairs = isOnGpu ? 0 : file.Data.PrefetchPairs * (isPrepared ? PreparedPair(model, resolution, format) : 2L * resolution * resolution * Colours * OfFloat32),
            Activations = phases.Activations,
            Passes = phases.Passes,
            Encoding = isPrepared ? 0 : phases.Encoding,
            Preparing = isPrepared ? (isOnGpu ? ProgramOnGpu : ProgramStepping) + encoders + phases.Encoding : 0,
            Update = file.Optimizer.Type == OptimizerType.Adafactor ? UpdateOf(trained, isMixed) : 0,
            ReusesMemory = isOnGpu,
            Loading = 0,
        };
        // The trained network is brought to the GPU before the flat buffers are made that become its parameters.
        if (isOnGpu) return hasAdapters ? plan : plan with { Loading = ProgramOnGpu + frozen + reference + (2 * plan.MasterWeights) + plan.NetworkWeights + plan.Gradients };
        long files = whole * stored;
        long network = hasAdapters ? (isMapped ? files : files + plan.BaseUNet) : reference + files + plan.MasterWeights + plan.NetworkWeights + plan.Gradients;
        return plan with { Loading = ProgramLoaded + frozen + network };
    }

    private static long FrozenParts(ModelOutline model, int format, bool isMapped)
    {
        using AutoencoderKL autoencoder = new(model.Autoencoder, META);
        // A mapped file is resident as far as it is read: training encodes and does not decode, and looks at few rows of the vocabulary.
        long image = autoencoder.named_parameters().Where(each => !isMapped || IsOfEncoder(each.name)).Sum(each => each.parameter.numel());
        long text = model.TextEncoders.Sum(config => Text(config, isMapped));
        return (image + text) * format;
    }

    /// <summary>Bytes of a pair whose latents and states are prepared: moments of two images, and the states of 77 tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="resolution">Side of the images in pixels.</param>
    /// <param name="format">Bytes of a number.</param>
    public static long PreparedPair(ModelOutline model, int resolution, int format)
    {
        long side = resolution >> (model.Autoencoder.BlockOutChannels.Count - 1);
        return ((2 * 2 * model.Autoencoder.LatentChannels * side * side) + (Tokens * (long)model.UNet.CrossAttentionDim[0])) * format;
    }

    private static long Text(ClipTextConfig config, bool isMapped)
    {
        using ClipTextModel network = new(config, META);
        return network.parameters().Sum(parameter => parameter.numel()) - (isMapped ? (long)config.VocabSize * config.HiddenSize : 0);
    }

    private static bool IsOfEncoder(string name) => name.StartsWith("encoder.", StringComparison.Ordinal) || name.StartsWith("quant_conv.", StringComparison.Ordinal);

    // AdamW: two moments. Adafactor: a row and a column of every matrix.
    private static long StateOf(OptimizerType type, IReadOnlyList<long[]> shapes) => shapes.Sum(shape => type == OptimizerType.AdamW
        ? 2 * Elements(shape)
        : shape.Length < 2 ? Elements(shape) : (Elements(shape) / shape[^1]) + (Elements(shape) / shape[^2]));

    // A parameter's gradient, its square, its update and the update's square.
    private static long UpdateOf(IReadOnlyList<long[]> shapes, bool isMixed) => (isMixed ? 4 : 3) * OfFloat32 * shapes.Select(Elements).DefaultIfEmpty().Max();

    private static long Elements(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);

    private static int BytesOf(Precision precision) => precision == Precision.Float32 ? OfFloat32 : OfFloat32 / 2;
}
