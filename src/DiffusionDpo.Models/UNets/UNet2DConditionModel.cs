using DiffusionDpo.Models.Layers;
using DiffusionDpo.Models.Segments;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>
/// The denoising network of Stable Diffusion: predicts, from a noisy latent, its timestep and the text, the noise (or velocity) in it.
/// Parameters carry the published names.
/// </summary>
public sealed class UNet2DConditionModel : nn.Module<Tensor, Tensor, Conditioning, Tensor>
{
    [ComponentName(Name = "time_proj")] private readonly SinusoidalTimesteps timeEncoding;
    [ComponentName(Name = "time_embedding")] private readonly TimestepEmbedding timeEmbedding;
    [ComponentName(Name = "add_time_proj")] private readonly SinusoidalTimesteps? sizeEncoding;
    [ComponentName(Name = "add_embedding")] private readonly TimestepEmbedding? addedEmbedding;
    [ComponentName(Name = "conv_in")] private readonly Convolution2D convolutionIn;
    [ComponentName(Name = "down_blocks")] private readonly ModuleList<UNetDownBlock> downBlocks = [];
    [ComponentName(Name = "mid_block")] private readonly UNetMidBlock midBlock;
    [ComponentName(Name = "up_blocks")] private readonly ModuleList<UNetUpBlock> upBlocks = [];
    [ComponentName(Name = "conv_norm_out")] private readonly GroupNorm normOut;
    [ComponentName(Name = "conv_act")] private readonly SiLU activationOut;
    [ComponentName(Name = "conv_out")] private readonly Convolution2D convolutionOut;

    /// <summary>Creates the network.</summary>
    /// <param name="config">Its architecture.</param>
    /// <param name="device">Where its parameters are; on the meta device they have shapes only, to be loaded at no cost of initialisation.</param>
    public UNet2DConditionModel(UNetConfig config, Device? device = null) : base(nameof(UNet2DConditionModel))
    {
        Config = config;
        int channels = config.BlockOutChannels[0];
        timeEncoding = new(channels, config.FlipSinToCos, config.FreqShift);
        timeEmbedding = new(channels, config.TimeWidth, device);
        if (config.AddsTextAndSizes)
        {
            sizeEncoding = new(config.AdditionTimeEmbedDim!.Value, config.FlipSinToCos, config.FreqShift);
            addedEmbedding = new(config.ProjectionClassEmbeddingsInputDim!.Value, config.TimeWidth, device);
        }

        convolutionIn = Layer.Convolution3x3(config.InChannels, channels, device);
        for (int level = 0; level < config.Levels; level++) downBlocks.Add(new(config, level, device));
        midBlock = new(config, device);
        for (int level = config.Levels - 1; level >= 0; level--) upBlocks.Add(new(config, level, device));
        normOut = Layer.GroupNorm(config.NormNumGroups, channels, config.NormEps, device);
        activationOut = nn.SiLU();
        convolutionOut = Layer.Convolution3x3(channels, config.OutChannels, device);
        RegisterComponents();
    }

    /// <summary>Its architecture.</summary>
    public UNetConfig Config { get; }

    /// <summary>Predicts.</summary>
    /// <param name="sample">Noisy latents [N, in, h, w], in the network's number format; any height and width.</param>
    /// <param name="timesteps">[N].</param>
    /// <param name="conditioning">The prompt, and what the family adds to it.</param>
    /// <returns>[N, out, h, w].</returns>
    public override Tensor forward(Tensor sample, Tensor timesteps, Conditioning conditioning) =>
        PredictOn(DirectTape.Instance, sample, timesteps, conditioning);

    /// <summary>Predicts, layer by layer: a segment of the tape is a residual block with its transformer, or a down- or upsampler.</summary>
    /// <param name="tape">What the layers are run on; the other arguments live as long as it does.</param>
    /// <param name="sample">As of <see cref="forward"/>.</param>
    /// <param name="timesteps">As of <see cref="forward"/>.</param>
    /// <param name="conditioning">As of <see cref="forward"/>.</param>
    /// <returns>[N, out, h, w], the last value of the tape.</returns>
    public Tensor PredictOn(ITape tape, Tensor sample, Tensor timesteps, Conditioning conditioning)
    {
        using DisposeScope scope = NewDisposeScope();
        BlockContext context = new(tape.Run(_ => Embed(timesteps, conditioning, sample.dtype)), conditioning.TextStates, tape);
        Tensor hidden = tape.Run(_ => convolutionIn.call(sample));

        Stack<Tensor> kept = new([hidden]);
        foreach (UNetDownBlock block in downBlocks)
        {
            foreach (Tensor state in block.call(hidden, context)) kept.Push(state);
            hidden = kept.Peek();
        }

        hidden = midBlock.call(hidden, context);
        foreach (UNetUpBlock block in upBlocks)
        {
            Tensor[] own = [.. Enumerable.Range(0, block.Layers).Select(_ => kept.Pop())];
            long[]? size = kept.TryPeek(out Tensor? next) ? next.shape[2..] : null;
            hidden = block.call(hidden, own, context, size);
        }

        return tape.Run(x => Predict(x[0]), hidden).MoveToOuterDisposeScope();
    }

    private Tensor Predict(Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        return convolutionOut.call(activationOut.call(normOut.call(hidden))).MoveToOuterDisposeScope();
    }

    // SiLU of the embedding, as every block uses it.
    // Encodings are float32 and rounded once: in bf16 a timestep of 999 would be 1000.
    private Tensor Embed(Tensor timesteps, Conditioning conditioning, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor time = timeEmbedding.call(timeEncoding.call(timesteps).to(type));
        if (sizeEncoding is null || addedEmbedding is null) return time.silu().MoveToOuterDisposeScope();
        Tensor sizes = sizeEncoding.call(conditioning.TimeIds!.flatten()).view(timesteps.shape[0], -1); // [N, 6·width]
        return addedEmbedding.call(cat([conditioning.PooledText!, sizes.to(type)], 1)).Plus(time).silu().MoveToOuterDisposeScope();
    }
}
