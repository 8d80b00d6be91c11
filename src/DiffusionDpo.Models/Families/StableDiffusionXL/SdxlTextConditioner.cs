using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.Tokenizers;
using DiffusionDpo.Models.UNets;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Families.StableDiffusionXL;

/// <summary>
/// The text side of SDXL: the penultimate hidden states of every encoder, side by side, and the projected pooled state of the last one. The base
/// model has two encoders, the refiner the second alone.
/// </summary>
public sealed class SdxlTextConditioner : ITextConditioner
{
    private const string ZerosKey = "force_zeros_for_empty_prompt";

    private readonly IReadOnlyList<(ClipTokenizer Tokenizer, ClipTextModel Encoder)> encoders;
    private readonly Func<ImageSizes, bool, float[]> numbers;
    private readonly bool nothingIsZeros;

    /// <summary>Takes the encoders.</summary>
    /// <param name="encoders">In the order of their states; the last one projects. Owned.</param>
    /// <param name="numbers">What the UNet is told of an image's sizes, and whether it is to be avoided.</param>
    /// <param name="nothingIsZeros">Whether the model was trained with zeros for no prompt.</param>
    /// <exception cref="RunException">Configuration error: the last encoder has no projection.</exception>
    public SdxlTextConditioner(
        IReadOnlyList<(ClipTokenizer Tokenizer, ClipTextModel Encoder)> encoders, Func<ImageSizes, bool, float[]> numbers, bool nothingIsZeros)
    {
        this.encoders = encoders;
        this.numbers = numbers;
        this.nothingIsZeros = nothingIsZeros;
        PooledWidth = encoders[^1].Encoder.ProjectionDim
            ?? throw new RunException(ExitClass.ConfigurationError, "text_encoder_2 has no text_projection; its config.json must name a CLIPTextModelWithProjection");
        SizeNumbers = numbers(default, false).Length;
    }

    // Of an outline, whose networks are nowhere, the CPU.
    private Device Device => encoders[0].Encoder.parameters().First().device is { type: not DeviceType.META } device ? device : CPU;

    /// <inheritdoc/>
    public long TextWidth => encoders.Sum(each => each.Encoder.HiddenSize);

    /// <inheritdoc/>
    public long PooledWidth { get; }

    /// <inheritdoc/>
    public int SizeNumbers { get; }

    /// <summary>Loads the base model's two tokenizers and text encoders.</summary>
    /// <param name="loader">The model.</param>
    public static SdxlTextConditioner Load(ComponentLoader loader) => new(
        [(loader.Tokenizer("tokenizer"), loader.TextEncoder("text_encoder")), (loader.Tokenizer("tokenizer_2"), loader.TextEncoder("text_encoder_2"))],
        (sizes, _) => [sizes.OriginalHeight, sizes.OriginalWidth, sizes.CropTop, sizes.CropLeft, sizes.TargetHeight, sizes.TargetWidth],
        SaysZeros(loader.Model));

    /// <summary>Whether a model's index says that no prompt means zeros; diffusers' default is yes.</summary>
    /// <param name="model">The model.</param>
    internal static bool SaysZeros(ModelDirectory model) => !(model.Index.TryGetProperty(ZerosKey, out JsonElement said) && said.ValueKind == JsonValueKind.False);

    /// <inheritdoc/>
    public Conditioning Encode(IReadOnlyList<string> prompts)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        ClipTextOutput[] outputs = [.. encoders.Select(each => each.Encoder.call(each.Tokenizer.Encode(prompts, each.Encoder.parameters().First().device)))];
        Tensor states = cat([.. outputs.Select(output => output.HiddenStates[^2])], 2); // [N, 77, W1 + W2], before the final layer norm
        Tensor pooled = outputs[^1].TextEmbeds!;
        scope.MoveToOuter(states, pooled);
        return new(states) { PooledText = pooled };
    }

    /// <inheritdoc/>
    public Tensor? Sizes(IReadOnlyList<ImageSizes> sizes, bool isAvoided = false) => tensor(
        sizes.SelectMany(each => numbers(each, isAvoided)).ToArray(), [sizes.Count, SizeNumbers]).BroughtTo(Device);

    /// <inheritdoc/>
    public Conditioning EncodeNothing(int count, bool? asZeros = null)
    {
        Conditioning empty = Encode([.. Enumerable.Repeat("", count)]);
        if (!(asZeros ?? nothingIsZeros)) return empty;
        using IDisposable noGradient = no_grad();
        return new(empty.TextStates.zero_()) { PooledText = empty.PooledText!.zero_() };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, ClipTextModel encoder) in encoders) encoder.Dispose();
    }
}
