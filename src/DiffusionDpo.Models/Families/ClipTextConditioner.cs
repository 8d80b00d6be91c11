using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.Tokenizers;
using DiffusionDpo.Models.UNets;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Families;

/// <summary>One text encoder, whose last hidden states are all that the UNet sees: Stable Diffusion 1 and 2.</summary>
/// <param name="tokenizer">Prompts to ids.</param>
/// <param name="encoder">Ids to states; owned.</param>
public sealed class ClipTextConditioner(ClipTokenizer tokenizer, ClipTextModel encoder) : ITextConditioner
{
    /// <inheritdoc/>
    public long TextWidth => encoder.HiddenSize;

    /// <inheritdoc/>
    public long PooledWidth => 0;

    /// <inheritdoc/>
    public int SizeNumbers => 0;

    /// <summary>Loads tokenizer and text encoder.</summary>
    /// <param name="loader">The model.</param>
    public static ClipTextConditioner Load(ComponentLoader loader) => new(loader.Tokenizer("tokenizer"), loader.TextEncoder("text_encoder"));

    /// <inheritdoc/>
    public Conditioning Encode(IReadOnlyList<string> prompts)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor ids = tokenizer.Encode(prompts, encoder.parameters().First().device);
        return new(encoder.call(ids).LastHiddenState.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public Tensor? Sizes(IReadOnlyList<ImageSizes> sizes, bool isAvoided = false) => null;

    /// <inheritdoc/>
    public Conditioning EncodeNothing(int count, bool? asZeros = null) => Encode([.. Enumerable.Repeat("", count)]);

    /// <inheritdoc/>
    public void Dispose() => encoder.Dispose();
}
