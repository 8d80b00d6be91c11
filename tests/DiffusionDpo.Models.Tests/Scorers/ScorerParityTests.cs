using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Clip;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Scorers;

[Trait("Category", "Parity")]
public sealed class ScorerParityTests : IDisposable
{
    private const double Float64 = 1e-10;

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Models => ScorerGoldens.ModelCases;

    /// <summary>Models for which HPSv2's own embeddings were recorded.</summary>
    public static TheoryData<string> HpsModels => [.. ScorerGoldens.Models.Where(model => ScorerGoldens.Tensors($"{model}_scores.safetensors").ContainsKey("hps.score"))];

    public void Dispose() => scope.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void Clip_scores_are_those_of_the_reference(string model) => Compare(ScorerType.ClipScore, model, "clip_score", 1e-4, transposed: false);

    [Theory]
    [MemberData(nameof(Models))]
    public void Pick_scores_are_those_of_the_reference(string model) => Compare(ScorerType.PickScore, model, "pickscore.scores", 1e-6 * ScorerGoldens.Scale(model), transposed: true);

    [Theory]
    [MemberData(nameof(Models))]
    public void Pick_scores_are_the_logits_of_the_model(string model) => Compare(ScorerType.PickScore, model, "logits_per_image", 1e-6 * ScorerGoldens.Scale(model), transposed: false);

    [Theory]
    [MemberData(nameof(Models))]
    public void Hps_scores_are_the_cosines_of_the_model(string model) => Compare(ScorerType.HpsV2, model, "cosine", 1e-6, transposed: false);

    [Theory]
    [MemberData(nameof(Models))]
    public void Preference_is_the_softmax_of_two_pick_scores_and_of_all(string model)
    {
        Dictionary<string, Tensor> golden = ScorerGoldens.Tensors($"{model}_scores.safetensors");
        foreach ((ScalarType type, string suffix, double tolerance) in ((ScalarType, string, double)[])[(ScalarType.Float32, "", 5e-6), (ScalarType.Float64, "_f64", Float64)])
        {
            using Scorer scorer = ScorerGoldens.Load(ScorerType.PickScore, model, type);
            Tensor scores = ScorerGoldens.Table(scorer, ImagesOf(scorer, model, "pixel_values"), scorer.EmbedPrompts(ScorerGoldens.Prompts)).t(); // [prompts, images]
            Tensor pairs = stack([.. ScorerGoldens.Pairs.Select(pair => Preference.Probabilities(stack([scores.select(1, pair.First), scores.select(1, pair.Second)], 1)))], 1);
            Assert.InRange(Goldens.MaxAbs(pairs, golden["pickscore.pair_probs" + suffix]), 0, tolerance);
            Assert.InRange(Goldens.MaxAbs(Preference.Probabilities(scores), golden["pickscore.all_probs" + suffix]), 0, tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(HpsModels))]
    public void Hps_scores_of_its_own_preparation_are_those_of_the_reference(string model)
    {
        Dictionary<string, Tensor> golden = ScorerGoldens.Tensors($"{model}_scores.safetensors");
        foreach (string way in (string[])["hps", "hps_noaa"])
        {
            using Scorer scorer = ScorerGoldens.Load(ScorerType.HpsV2, model), exact = ScorerGoldens.Load(ScorerType.HpsV2, model, ScalarType.Float64);
            Tensor scores = ScorerGoldens.Table(scorer, Pixels(scorer), scorer.EmbedPrompts(ScorerGoldens.Prompts));
            Assert.InRange(Goldens.MaxAbs(scores, golden[$"{way}.score"]), 0, 1e-6);
            Tensor exactly = ScorerGoldens.Table(exact, Pixels(exact), exact.EmbedPrompts(ScorerGoldens.Prompts));
            Assert.InRange(Goldens.MaxAbs(exactly, golden[$"{way}.score_f64"]), 0, Float64);

            Tensor Pixels(Scorer scorer) => scorer.EmbedImages(PreprocessedBy(model, $"{way}_pixel_values"));
        }
    }

    [Fact]
    public void Aesthetic_scores_are_those_of_the_reference()
    {
        Dictionary<string, Tensor> golden = ScorerGoldens.Tensors("aesthetic", "outputs.safetensors");
        using Scorer scorer = ScorerGoldens.Load(ScorerType.Aesthetic, ScorerGoldens.HeadModel), exact = ScorerGoldens.Load(ScorerType.Aesthetic, ScorerGoldens.HeadModel, ScalarType.Float64);
        Assert.False(scorer.LooksAtPrompts);
        Tensor images = scorer.EmbedImages(golden["pixel_values"]);
        Assert.InRange(Goldens.RelativeL2(images, golden["image_embeds_norm"]), 0, 5e-6);
        Assert.InRange(Goldens.MaxAbs(scorer.Score(images, null), golden["score"].squeeze(1)), 0, 5e-6);
        Assert.InRange(Goldens.MaxAbs(exact.Score(exact.EmbedImages(golden["pixel_values"]), null), golden["score_f64"].squeeze(1)), 0, Float64);
    }

    [Fact]
    public void Aesthetic_scores_of_embeddings_at_the_edge_are_those_of_the_reference()
    {
        Dictionary<string, Tensor> golden = ScorerGoldens.Tensors("aesthetic", "outputs.safetensors");
        using Scorer scorer = ScorerGoldens.Load(ScorerType.Aesthetic, ScorerGoldens.HeadModel), exact = ScorerGoldens.Load(ScorerType.Aesthetic, ScorerGoldens.HeadModel, ScalarType.Float64);
        Tensor directions = UnitLength.Of(golden["extra_embeds"]), exactly = UnitLength.Of(golden["extra_embeds"].@double());
        Assert.InRange(Goldens.MaxAbs(exactly, golden["extra_embeds_norm_f64"]), 0, Float64);
        Assert.InRange(Goldens.MaxAbs(scorer.Score(directions, null), golden["extra_score"].squeeze(1)), 0, 5e-6);
        Assert.InRange(Goldens.MaxAbs(exact.Score(exactly, null), golden["extra_score_f64"].squeeze(1)), 0, Float64);
    }

    private static void Compare(ScorerType type, string model, string name, double tolerance, bool transposed)
    {
        Dictionary<string, Tensor> golden = ScorerGoldens.Tensors($"{model}_scores.safetensors");
        Assert.InRange(Goldens.MaxAbs(Table(ScalarType.Float32), golden[name]), 0, tolerance);
        Assert.InRange(Goldens.MaxAbs(Table(ScalarType.Float64), golden[name + "_f64"]), 0, Float64 * Math.Max(1, ScorerGoldens.Scale(model)));

        Tensor Table(ScalarType precision)
        {
            using Scorer scorer = ScorerGoldens.Load(type, model, precision);
            Tensor scores = ScorerGoldens.Table(scorer, ImagesOf(scorer, model, "pixel_values"), scorer.EmbedPrompts(ScorerGoldens.Prompts));
            return transposed ? scores.t() : scores;
        }
    }

    private static Tensor ImagesOf(Scorer scorer, string model, string key) => scorer.EmbedImages(ScorerGoldens.Tensors($"{model}_vision.safetensors")[key]);

    private static Tensor PreprocessedBy(string model, string key)
    {
        Dictionary<string, Tensor> golden = ScorerGoldens.Tensors($"{model}_preprocess.safetensors");
        return stack([.. ScorerGoldens.Images.Select(image => golden[$"{image}.{key}"])]);
    }
}
