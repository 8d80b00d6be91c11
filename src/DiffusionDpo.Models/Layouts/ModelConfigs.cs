using DiffusionDpo.Models.Configuration;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Models.Layouts;

/// <summary>The configurations of a model's networks.</summary>
/// <param name="Place">What a message calls the model.</param>
/// <param name="Texts">The text of <c>config.json</c> by component; what the model leaves out is not there.</param>
internal sealed record ModelConfigs(string Place, IReadOnlyDictionary<string, string> Texts)
{
    public const string UNet = "unet";
    public const string Autoencoder = "vae";
    public const string TextEncoder = "text_encoder";
    public const string TextEncoder2 = "text_encoder_2";
    public const string FileName = "config.json";

    /// <summary>All components with parameters that a single file has names for.</summary>
    public static IReadOnlyList<string> Components { get; } = [UNet, Autoencoder, TextEncoder, TextEncoder2];

    /// <summary>Those of a model in diffusers layout.</summary>
    /// <exception cref="Api.Failures.RunException">Input missing: one is not there.</exception>
    public static ModelConfigs Of(ModelDirectory model) => new(
        model.Path, Components.Intersect(model.Components).ToDictionary(each => each, each => ModelConfigJson.ReadText(model.FilePath(each, FileName))));

    /// <summary>What a message calls a configuration.</summary>
    public string PlaceOf(string component) => Path.Combine(Place, component, FileName);
}
