using DiffusionDpo.Models.Configuration;

namespace DiffusionDpo.Models.Layouts;

/// <summary>What of a text encoder's <c>config.json</c> decides the names and shapes of the parameters, and which single-file layout it has.</summary>
internal sealed record TextEncoderOutline
{
    private const int MostLayers = 256;

    private const string Supported = """
        {
          "architectures": [["CLIPTextModel"], ["CLIPTextModelWithProjection"], null],
          "model_type": ["clip_text_model"]
        }
        """;

    public IReadOnlyList<string>? Architectures { get; init; }

    public int VocabSize { get; init; } = 49408;

    public int HiddenSize { get; init; } = 512;

    public int IntermediateSize { get; init; } = 2048;

    public int NumHiddenLayers { get; init; } = 12;

    public int MaxPositionEmbeddings { get; init; } = 77;

    public int ProjectionDim { get; init; } = 512;

    public string HiddenAct { get; init; } = "quick_gelu";

    /// <summary>Whether the pooled state is projected.</summary>
    public bool Projects => Architectures is ["CLIPTextModelWithProjection"];

    /// <summary>
    /// Whether it is one of OpenCLIP's networks, whose parameters have that library's names in a single file. Nothing says so but the
    /// activation: those that were published with these models have the exact one, OpenAI's the approximation.
    /// </summary>
    public bool IsOpenClip => HiddenAct == "gelu";

    /// <summary>Reads the text of a text encoder's <c>config.json</c>.</summary>
    /// <exception cref="Api.Failures.RunException">It cannot be read, or the single-file layout has no names for such a network.</exception>
    public static TextEncoderOutline Read(string json, string place)
    {
        TextEncoderOutline outline = ModelConfigJson.Parse<TextEncoderOutline>(json, place, Supported);
        ModelConfigJson.Require(outline.NumHiddenLayers is > 0 and <= MostLayers, place, "num_hidden_layers", outline.NumHiddenLayers, $"1 to {MostLayers} layers are expected");
        return outline;
    }
}
