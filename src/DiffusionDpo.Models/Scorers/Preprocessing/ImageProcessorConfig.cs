using System.Text.Json;
using DiffusionDpo.Models.Configuration;

namespace DiffusionDpo.Models.Scorers.Preprocessing;

/// <summary>What of a model's <c>preprocessor_config.json</c> decides what its image encoder sees.</summary>
internal sealed record ImageProcessorConfig
{
    private const int MostPixels = 4096;

    private const string Supported = """
        {
          "do_center_crop": [true],
          "do_convert_rgb": [true],
          "do_normalize": [true],
          "do_rescale": [true],
          "do_resize": [true],
          "feature_extractor_type": ["CLIPFeatureExtractor"],
          "image_processor_type": ["CLIPImageProcessor", "CLIPImageProcessorFast", "CLIPImageProcessorPil"],
          "resample": [3],
          "rescale_factor": [0.00392156862745098]
        }
        """;

    /// <summary>Length of the shorter side: a number, or an object with <c>shortest_edge</c>.</summary>
    public JsonElement? Size { get; init; }

    /// <summary>Side of the square: a number, or an object with <c>height</c> and <c>width</c>.</summary>
    public JsonElement? CropSize { get; init; }

    /// <summary>Means of red, green and blue.</summary>
    public IReadOnlyList<float> ImageMean { get; init; } = PixelNormalization.OpenAi.Mean;

    /// <summary>Deviations of red, green and blue.</summary>
    public IReadOnlyList<float> ImageStd { get; init; } = PixelNormalization.OpenAi.Deviation;

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="imageSize">Side of the squares that the model takes.</param>
    /// <exception cref="Api.Failures.RunException">It cannot be opened or read, asks for what is not supported, or is of another model.</exception>
    public static ClipImagePreprocessing Read(string path, int imageSize)
    {
        ImageProcessorConfig config = ModelConfigJson.ReadFile<ImageProcessorConfig>(path, Supported);
        int square = Length(config.CropSize, path, "crop_size", "height", "width"), shorter = Length(config.Size, path, "size", "shortest_edge");
        ModelConfigJson.Require(square == imageSize, path, "crop_size", square, $"the model takes images of {imageSize} pixels; model and preprocessor_config.json do not belong together");
        ModelConfigJson.Require(shorter >= square, path, "size", shorter, $"it must be at least crop_size {square}");
        Require(config.ImageMean, "image_mean", static _ => true);
        Require(config.ImageStd, "image_std", static value => value > 0);
        return new(shorter, square, new(config.ImageMean, config.ImageStd));

        void Require(IReadOnlyList<float> values, string key, Func<float, bool> isSound) => ModelConfigJson.Require(
            values.Count == 3 && values.All(value => float.IsFinite(value) && isSound(value)), path, key, $"[{string.Join(", ", values)}]", "three numbers are expected, deviations above 0");
    }

    private static int Length(JsonElement? given, string path, string key, params IReadOnlyList<string> members)
    {
        JsonElement value = given ?? default;
        IEnumerable<JsonElement> parts = value.ValueKind == JsonValueKind.Object ? members.Select(member => value.TryGetProperty(member, out JsonElement part) ? part : default) : [value];
        int[] lengths = [.. parts.Select(part => part.ValueKind == JsonValueKind.Number && part.TryGetInt32(out int length) ? length : 0).Distinct()];
        string shown = given?.GetRawText().ReplaceLineEndings(" ") ?? "missing";
        ModelConfigJson.Require(lengths is [> 0 and <= MostPixels], path, key, shown, $"a number of pixels is expected, or an object with {string.Join(" and ", members)} that are one");
        return lengths[0];
    }
}
