using System.Text.Json;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Shared;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Scorers;

/// <summary>Small CLIP models among the goldens, and what the references computed with them.</summary>
internal static class ScorerGoldens
{
    public static IReadOnlyList<string> Models { get; } = Facts(facts => facts.GetProperty("models").EnumerateObject().Select(model => model.Name).ToArray());

    public static IReadOnlyList<string> Images { get; } = Facts(facts => facts.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("name").GetString()!).ToArray());

    /// <summary>Images of the mode RGB: for the others the references look at more than the three channels.</summary>
    public static IReadOnlyList<string> OpaqueImages { get; } = Facts(facts => facts.GetProperty("images").EnumerateArray()
        .Where(image => image.GetProperty("mode").GetString() != "RGBA").Select(image => image.GetProperty("name").GetString()!).ToArray());

    public static IReadOnlyList<string> Prompts { get; } = Facts(facts => facts.GetProperty("prompts").EnumerateArray().Select(prompt => prompt.GetString()!).ToArray());

    public static IReadOnlyList<(int First, int Second)> Pairs { get; } = Facts(facts => facts.GetProperty("pairs").EnumerateArray().Select(pair => (pair[0].GetInt32(), pair[1].GetInt32())).ToArray());

    public static TheoryData<string> ModelCases => [.. Models];

    public static string Head => Goldens.Path("scorer", "aesthetic", "model.safetensors");

    /// <summary>The model to which the aesthetic head belongs.</summary>
    public static string HeadModel { get; } = Facts(facts => facts.GetProperty("aesthetic").GetProperty("model").GetString()!);

    public static Dictionary<string, Tensor> Tensors(params string[] parts)
    {
        using var opened = Goldens.Open(["scorer", .. parts]);
        return opened.Entries.Keys.ToDictionary(name => name, opened.GetTensor);
    }

    public static int ImageSize(string model) => Facts(facts => facts.GetProperty("models").GetProperty(model).GetProperty("image_size").GetInt32());

    public static double Scale(string model) => Facts(facts => facts.GetProperty("models").GetProperty(model).GetProperty("exp_logit_scale").GetDouble());

    public static Scorer Load(ScorerType type, string model, ScalarType precision = ScalarType.Float32) =>
        Scorer.Load(new(type, Goldens.Path(model)) { Head = type == ScorerType.Aesthetic ? Head : null }, type: precision);

    public static RgbImage Image(Tensor pixels) => new(pixels.data<byte>().ToArray(), (int)pixels.shape[1], (int)pixels.shape[0]);

    /// <summary>Scores of every image with every prompt, [images, prompts].</summary>
    public static Tensor Table(Scorer scorer, Tensor images, Tensor prompts)
    {
        long n = images.shape[0], m = prompts.shape[0];
        return scorer.Score(images.repeat_interleave(m, 0), prompts.repeat(n, 1)).view(n, m);
    }

    private static T Facts<T>(Func<JsonElement, T> read)
    {
        using JsonDocument facts = Goldens.Json("scorer", "scorer.json");
        return read(facts.RootElement);
    }
}
