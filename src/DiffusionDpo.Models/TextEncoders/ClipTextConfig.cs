using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Configuration;

namespace DiffusionDpo.Models.TextEncoders;

/// <summary>The architecture of a CLIP text encoder, as its published <c>text_encoder/config.json</c> gives it.</summary>
public sealed record ClipTextConfig
{
    // What changes the network and has one implemented form; keys that are absent mean that form.
    private const string Supported = """
        {
          "architectures": [["CLIPTextModel"], ["CLIPTextModelWithProjection"], null],
          "attention_dropout": [0],
          "hidden_act": ["quick_gelu", "gelu"],
          "model_type": ["clip_text_model"]
        }
        """;

    /// <summary>Number of tokens.</summary>
    public int VocabSize { get; init; } = 49408;

    /// <summary>Width of the states.</summary>
    public int HiddenSize { get; init; } = 512;

    /// <summary>Width inside the feed-forward parts.</summary>
    public int IntermediateSize { get; init; } = 2048;

    /// <summary>Number of layers.</summary>
    public int NumHiddenLayers { get; init; } = 12;

    /// <summary>Number of heads.</summary>
    public int NumAttentionHeads { get; init; } = 8;

    /// <summary>Longest sequence.</summary>
    public int MaxPositionEmbeddings { get; init; } = 77;

    /// <summary>Activation of the feed-forward parts.</summary>
    public string HiddenAct { get; init; } = "quick_gelu";

    /// <summary>Epsilon of the layer norms.</summary>
    public double LayerNormEps { get; init; } = 1e-5;

    /// <summary>The class in transformers, in a list of one.</summary>
    public IReadOnlyList<string>? Architectures { get; init; }

    /// <summary>Width of the projected pooled state, where there is a projection.</summary>
    public int ProjectionDim { get; init; } = 512;

    /// <summary>The end-of-text token, where the pooled state is taken; 2 in older files, where the highest id is meant.</summary>
    public int EosTokenId { get; init; } = 49407;

    /// <summary>Whether the pooled state is projected, as in the second text encoder of SDXL.</summary>
    public bool Projects => Architectures is ["CLIPTextModelWithProjection"];

    /// <summary>Its layers.</summary>
    internal ClipLayers Layers => new(NumHiddenLayers, HiddenSize, IntermediateSize, NumAttentionHeads, HiddenAct, LayerNormEps, IsCausal: true);

    /// <summary>Reads <c>text_encoder/config.json</c>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RunException">It cannot be opened or read, or describes a network that is not supported.</exception>
    public static ClipTextConfig FromFile(string path) => ModelConfigJson.ReadFile<ClipTextConfig>(path, Supported).Checked(path);

    /// <summary>Reads the text of a <c>text_encoder/config.json</c>.</summary>
    /// <param name="json">The text.</param>
    /// <param name="place">What an error message calls it.</param>
    /// <exception cref="RunException">It cannot be read, or describes a network that is not supported.</exception>
    public static ClipTextConfig FromJson(string json, string place) => ModelConfigJson.Parse<ClipTextConfig>(json, place, Supported).Checked(place);

    private ClipTextConfig Checked(string place)
    {
        RequirePositive("vocab_size", VocabSize);
        RequirePositive("hidden_size", HiddenSize);
        RequirePositive("intermediate_size", IntermediateSize);
        RequirePositive("num_hidden_layers", NumHiddenLayers);
        RequirePositive("num_attention_heads", NumAttentionHeads);
        RequirePositive("max_position_embeddings", MaxPositionEmbeddings);
        RequirePositive("projection_dim", ProjectionDim);
        bool divides = HiddenSize % NumAttentionHeads == 0;
        ModelConfigJson.Require(divides, place, "hidden_size", HiddenSize, $"it must be divisible by num_attention_heads {NumAttentionHeads}");
        return this;

        void RequirePositive(string key, int value) => ModelConfigJson.Require(value > 0, place, key, value, "it must be positive");
    }
}
