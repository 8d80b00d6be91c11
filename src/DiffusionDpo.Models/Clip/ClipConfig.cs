using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Configuration;
using DiffusionDpo.Models.TextEncoders;

namespace DiffusionDpo.Models.Clip;

/// <summary>The architecture of a whole CLIP model, as the <c>config.json</c> of transformers' <c>CLIPModel</c> gives it.</summary>
/// <param name="Text">The text encoder; its own projection width is not looked at.</param>
/// <param name="Vision">The image encoder.</param>
/// <param name="ProjectionDim">Width of the space that texts and images share, P: the number at the top level, which the nested ones may contradict.</param>
public sealed record ClipConfig(ClipTextConfig Text, ClipVisionConfig Vision, int ProjectionDim)
{
    private const string Supported = """
        {
          "architectures": [["CLIPModel"], null],
          "model_type": ["clip"]
        }
        """;

    /// <summary>Reads <c>config.json</c>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RunException">It cannot be opened or read, or describes no CLIP model, or one that is not supported.</exception>
    public static ClipConfig FromFile(string path)
    {
        TopLevel config = ModelConfigJson.ReadFile<TopLevel>(path, Supported);
        ModelConfigJson.Require(config.ProjectionDim > 0, path, "projection_dim", config.ProjectionDim, "it must be positive");
        return new(
            ClipTextConfig.FromJson(Nested(config.TextConfig, "text_config", path), $"{path}: text_config"),
            ClipVisionConfig.FromJson(Nested(config.VisionConfig, "vision_config", path), $"{path}: vision_config"),
            config.ProjectionDim);
    }

    private static string Nested(JsonElement? config, string key, string path)
    {
        bool isThere = config is { ValueKind: JsonValueKind.Object };
        ModelConfigJson.Require(isThere, path, key, config?.GetRawText().ReplaceLineEndings(" "), "a whole CLIP model in transformers' layout has an object there");
        return config!.Value.GetRawText();
    }

    private sealed record TopLevel
    {
        public int ProjectionDim { get; init; } = 512;

        public JsonElement? TextConfig { get; init; }

        public JsonElement? VisionConfig { get; init; }
    }
}
