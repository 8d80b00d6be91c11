using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Clip;

/// <summary>Texts and images as directions in CLIP's space. Frozen.</summary>
internal sealed class ClipEmbedder : IDisposable
{
    private readonly ClipDirectory directory;
    private readonly ClipModel model;
    private readonly ScalarType type;
    private readonly Device device;

    private ClipEmbedder(ClipDirectory directory, ClipModel model, ScalarType type, Device device)
    {
        this.directory = directory;
        this.model = model;
        this.type = type;
        this.device = device;
        using IDisposable noGradient = no_grad();
        Scale = model.logit_scale.exp().DetachFromDisposeScope();
    }

    /// <summary>What cosines are multiplied by to be logits, [].</summary>
    public Tensor Scale { get; }

    /// <summary>Whether it computes on the CPU.</summary>
    public bool IsOnCpu => device.type == DeviceType.CPU;

    /// <summary>Reads the weights.</summary>
    /// <param name="directory">The model.</param>
    /// <param name="type">The number format it computes in.</param>
    /// <param name="device">Where it computes.</param>
    /// <exception cref="RunException">Data error: the weights are unsound, or not those of the configuration.</exception>
    public static ClipEmbedder Load(ClipDirectory directory, ScalarType type, Device device)
    {
        ClipModel model = new(directory.Config, META);
        using (Weights weights = Weights.Open(directory.WeightsPath)) StrictLoader.Load(model, weights, LoadMode.Map, type);
        foreach (Parameter parameter in model.parameters()) parameter.requires_grad_(false);
        model.eval();
        return new(directory, (ClipModel)model.to(device), type, device);
    }

    /// <summary>Images as directions.</summary>
    /// <param name="pixels">[N, 3, S, S], normalised; any device and floating type.</param>
    /// <returns>[N, P], each of length 1.</returns>
    public Tensor Images(Tensor pixels) => Embed(() => model.EmbedImages(pixels.to(type, device)));

    /// <summary>Texts as directions.</summary>
    /// <param name="texts">N texts.</param>
    /// <returns>[N, P], each of length 1.</returns>
    public Tensor Texts(IReadOnlyList<string> texts) => Embed(() => model.EmbedTexts(directory.Tokenizer.Encode(texts, device)));

    /// <summary>Rows of this device and number format.</summary>
    public Tensor ToRows(Tensor rows) => rows.to(type, device);

    /// <inheritdoc/>
    public void Dispose()
    {
        Scale.Dispose();
        model.Dispose();
    }

    private static Tensor Embed(Func<Tensor> embed)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return UnitLength.Of(embed()).MoveToOuterDisposeScope();
    }
}
