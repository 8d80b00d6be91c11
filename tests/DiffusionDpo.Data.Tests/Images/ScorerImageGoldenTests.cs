using System.Text.Json;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Data.Tests.Images;

/// <summary>From the files of the goldens to scores: decoding, opacity, each scorer's own preparation, and its model.</summary>
[Trait("Category", "Parity")]
public sealed class ScorerImageGoldenTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string, string> Cases
    {
        get
        {
            using var facts = Goldens.Json("scorer", "scorer.json");
            TheoryData<string, string> cases = [];
            foreach (var model in facts.RootElement.GetProperty("models").EnumerateObject())
                foreach (var image in Names(facts.RootElement)) cases.Add(model.Name, image);
            return cases;
        }
    }

    public static TheoryData<string> Models => [.. Cases.Select(row => row.Data.Item1).Distinct()];

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Files_are_decoded_to_what_the_reference_sees(string model, string name)
    {
        using var golden = Goldens.Open("scorer", $"{model}_preprocess.safetensors");
        var (expected, actual) = (golden.GetTensor($"{name}.decoded_rgb_hwc_u8"), Image(name));
        Assert.Equal((expected.shape[0], expected.shape[1]), (actual.Height, actual.Width));
        Assert.Equal(expected.data<byte>().ToArray(), actual.Pixels);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_scorer_prepares_a_file_as_its_reference_does(string model, string name)
    {
        using var golden = Goldens.Open("scorer", $"{model}_preprocess.safetensors");
        Close(ScorerType.PickScore, "pixel_values", 1e-6);
        Close(ScorerType.HpsV2, "hps_pixel_values", 3e-5);
        if (HasHead(model)) Close(ScorerType.Aesthetic, "openai_pixel_values", 1e-6);

        void Close(ScorerType type, string key, double tolerance)
        {
            using var scorer = Load(type, model);
            var expected = golden.GetTensor($"{name}.{key}");
            Assert.InRange(Goldens.MaxAbs(tensor(scorer.Preprocess(Image(name)), expected.shape), expected), 0, tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void From_file_and_prompt_to_scores_nothing_is_lost(string model)
    {
        using var facts = Goldens.Json("scorer", "scorer.json");
        string[] prompts = [.. facts.RootElement.GetProperty("prompts").EnumerateArray().Select(prompt => prompt.GetString()!)];
        using var golden = Goldens.Open("scorer", $"{model}_scores.safetensors");
        var scale = facts.RootElement.GetProperty("models").GetProperty(model).GetProperty("exp_logit_scale").GetDouble();
        Compare(ScorerType.ClipScore, golden.GetTensor("clip_score"), 1e-4);
        Compare(ScorerType.PickScore, golden.GetTensor("logits_per_image"), 1e-6 * scale);
        if (golden.Entries.ContainsKey("hps.score")) Compare(ScorerType.HpsV2, golden.GetTensor("hps.score"), 1e-6);
        if (HasHead(model)) Compare(ScorerType.Aesthetic, Goldens.Open("scorer", "aesthetic", "outputs.safetensors").GetTensor("score"), 5e-6);

        void Compare(ScorerType type, Tensor expected, double tolerance)
        {
            using var scorer = Load(type, model);
            var images = scorer.EmbedImages(stack([.. Names(facts.RootElement).Select(name => tensor(scorer.Preprocess(Image(name)), [3, scorer.ImageSize, scorer.ImageSize]))]));
            var scores = scorer.LooksAtPrompts
                ? scorer.Score(images.repeat_interleave(prompts.Length, 0), scorer.EmbedPrompts(prompts).repeat(images.shape[0], 1))
                : scorer.Score(images, null);
            Assert.InRange(Goldens.MaxAbs(scores.view(expected.shape), expected), 0, tolerance);
        }
    }

    private static string[] Names(JsonElement facts) => [.. facts.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("name").GetString()!)];

    private static bool HasHead(string model)
    {
        using var facts = Goldens.Json("scorer", "scorer.json");
        return facts.RootElement.GetProperty("aesthetic").GetProperty("model").GetString() == model;
    }

    private static Scorer Load(ScorerType type, string model) => Scorer.Load(new(type, Goldens.Path(model))
    {
        Head = type == ScorerType.Aesthetic ? Goldens.Path("scorer", "aesthetic", "model.safetensors") : null,
    });

    private static RgbImage Image(string name) => ImageDecoder.DecodeWithAlpha(File.ReadAllBytes(Goldens.Path("scorer", "images", $"{name}.png")));
}
