using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Configuration;
using DiffusionDpo.Models.TextEncoders;

namespace DiffusionDpo.Models.Clip;

/// <summary>The architecture of CLIP's image encoder, as <c>vision_config</c> in a published <c>config.json</c> gives it.</summary>
public sealed record ClipVisionConfig
{
    private const string Supported = """
        {
          "attention_dropout": [0],
          "hidden_act": ["quick_gelu", "gelu"],
          "model_type": ["clip_vision_model"],
          "num_channels": [3]
        }
        """;

    /// <summary>Width of the states.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>Width inside the feed-forward parts.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>Number of layers.</summary>
    public int NumHiddenLayers { get; init; } = 12;

    /// <summary>Number of heads.</summary>
    public int NumAttentionHeads { get; init; } = 12;

    /// <summary>Side of the square images in pixels.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Side of the square patches in pixels.</summary>
    public int PatchSize { get; init; } = 32;

    /// <summary>Activation of the feed-forward parts.</summary>
    public string HiddenAct { get; init; } = "quick_gelu";

    /// <summary>Epsilon of the layer norms.</summary>
    public double LayerNormEps { get; init; } = 1e-5;

    /// <summary>Patches of an image.</summary>
    internal int Patches => ImageSize / PatchSize * (ImageSize / PatchSize);

    /// <summary>Its layers.</summary>
    internal ClipLayers Layers => new(NumHiddenLayers, HiddenSize, IntermediateSize, NumAttentionHeads, HiddenAct, LayerNormEps, IsCausal: false);

    /// <summary>Reads the text of a <c>vision_config</c>.</summary>
    /// <param name="json">The text.</param>
    /// <param name="place">What an error message calls it.</param>
    /// <exception cref="RunException">It cannot be read, or describes a network that is not supported.</exception>
    public static ClipVisionConfig FromJson(string json, string place) => ModelConfigJson.Parse<ClipVisionConfig>(json, place, Supported).Checked(place);

    private ClipVisionConfig Checked(string place)
    {
        RequirePositive("hidden_size", HiddenSize);
        RequirePositive("intermediate_size", IntermediateSize);
        RequirePositive("num_hidden_layers", NumHiddenLayers);
        RequirePositive("num_attention_heads", NumAttentionHeads);
        RequirePositive("image_size", ImageSize);
        RequirePositive("patch_size", PatchSize);
        ModelConfigJson.Require(HiddenSize % NumAttentionHeads == 0, place, "hidden_size", HiddenSize, $"it must be divisible by num_attention_heads {NumAttentionHeads}");
        ModelConfigJson.Require(PatchSize <= ImageSize, place, "patch_size", PatchSize, $"it must be at most image_size {ImageSize}");
        return this;

        void RequirePositive(string key, int value) => ModelConfigJson.Require(value > 0, place, key, value, "it must be positive");
    }
}
