using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.Tokenizers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Families;

/// <summary>Loads the frozen parts of a model.</summary>
/// <param name="Model">The model.</param>
/// <param name="Type">The number format they compute in.</param>
/// <param name="Device">Where they compute; null: the CPU.</param>
public sealed record ComponentLoader(ModelDirectory Model, ScalarType Type, Device? Device)
{
    /// <summary>Whether networks have only their shapes, from their configurations; weights are not looked at.</summary>
    public bool IsOutline { get; init; }

    /// <summary>A network; its parameters are frozen.</summary>
    /// <param name="component">Such as <c>vae</c>.</param>
    /// <param name="create">Makes the network on the meta device from the path of its <c>config.json</c>.</param>
    /// <param name="mode">In the mapped file where the format allows, or in fresh memory.</param>
    public T Load<T>(string component, Func<string, T> create, LoadMode mode = LoadMode.Map)
        where T : nn.Module
    {
        T network = create(Model.FilePath(component, "config.json"));
        if (IsOutline) return network;
        using Weights weights = Model.OpenWeights(component);
        StrictLoader.Load(network, weights, mode, Type);
        foreach (Parameter parameter in network.parameters()) parameter.requires_grad_(false);
        network.eval();
        return Device is null ? network : (T)network.to(Device);
    }

    /// <summary>A text encoder.</summary>
    /// <param name="component">Such as <c>text_encoder_2</c>.</param>
    public ClipTextModel TextEncoder(string component) => Load(component, config => new ClipTextModel(ClipTextConfig.FromFile(config), META));

    /// <summary>A tokenizer.</summary>
    /// <param name="component">Such as <c>tokenizer_2</c>.</param>
    public ClipTokenizer Tokenizer(string component) => ClipTokenizer.Load(Model.ComponentPath(component));
}
