using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Memory;

/// <summary>A model as far as memory depends on it: its architecture, and how its weights are stored.</summary>
public sealed record ModelOutline
{
    /// <summary>The UNet.</summary>
    public required UNetConfig UNet { get; init; }

    /// <summary>The autoencoder.</summary>
    public required AutoencoderConfig Autoencoder { get; init; }

    /// <summary>The text encoders.</summary>
    public required IReadOnlyList<ClipTextConfig> TextEncoders { get; init; }

    /// <summary>The format in which the weights are stored.</summary>
    public ScalarType StoredAs { get; init; } = ScalarType.Float32;

    /// <summary>Reads configurations and the header of the UNet's weights; no weights.</summary>
    /// <param name="path">A model in diffusers layout.</param>
    /// <exception cref="RunException">Something is missing, unsound or not supported.</exception>
    public static ModelOutline Read(string path)
    {
        ModelDirectory directory = ModelDirectory.Open(path);
        string[] texts = [.. directory.Components.Where(name => name is "text_encoder" or "text_encoder_2")];
        using Weights weights = directory.OpenWeights("unet");
        return new()
        {
            UNet = UNetConfig.FromFile(Config("unet")),
            Autoencoder = AutoencoderConfig.FromFile(Config("vae")),
            TextEncoders = [.. texts.Select(name => ClipTextConfig.FromFile(Config(name)))],
            StoredAs = weights.Entries.Values.GroupBy(entry => entry.Type).MaxBy(group => group.Count())?.Key ?? ScalarType.Float32,
        };

        string Config(string component) => directory.FilePath(component, "config.json");
    }
}
