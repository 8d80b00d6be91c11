using DiffusionDpo.Models.Clip;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.Tests.Parity;
using DiffusionDpo.Models.Tests.Scorers;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Clip;

[Trait("Category", "Parity")]
public sealed class ClipParityTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGradient = no_grad();

    public static TheoryData<string> Models => ScorerGoldens.ModelCases;

    public void Dispose()
    {
        noGradient.Dispose();
        scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_state_of_an_image_is_that_of_the_reference(string name)
    {
        Dictionary<string, Tensor> golden = ScorerGoldens.Tensors($"{name}_vision.safetensors");
        using ClipModel model = Loaded(name, ScalarType.Float32);
        ActivationRecorder recorder = new(model);
        Tensor embeds = model.EmbedImages(golden["pixel_values"]);
        int layers = golden.Keys.Count(key => key.StartsWith("hidden_states.", StringComparison.Ordinal)) - 1;
        Expect.Prediction("hidden_states.0", recorder.Outputs["vision_model.pre_layrnorm"], golden["hidden_states.0"]);
        for (int i = 1; i <= layers; i++) Expect.Prediction($"hidden_states.{i}", recorder.Outputs[$"vision_model.encoder.layers.{i - 1}"], golden[$"hidden_states.{i}"]);
        Expect.Prediction("last_hidden_state", recorder.Outputs[$"vision_model.encoder.layers.{layers - 1}"], golden["last_hidden_state"]);
        Expect.Prediction("pooled", recorder.Outputs["vision_model"], golden["pooled"]);
        Expect.Prediction("image_embeds", embeds, golden["image_embeds"]);
        Expect.Prediction("image_embeds_norm", UnitLength.Of(embeds), golden["image_embeds_norm"]);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_state_of_a_prompt_is_that_of_the_reference(string name)
    {
        Dictionary<string, Tensor> golden = ScorerGoldens.Tensors($"{name}_text.safetensors");
        Tensor ids = ClipDirectory.Open(Goldens.Path(name)).Tokenizer.Encode(ScorerGoldens.Prompts);
        Assert.Equal(golden["input_ids"].data<long>(), ids.data<long>());
        using ClipModel model = Loaded(name, ScalarType.Float32);
        ClipTextOutput output = model.EncodeTexts(ids);
        Expect.Prediction("last_hidden_state", output.LastHiddenState, golden["last_hidden_state"]);
        Expect.Prediction("pooled", output.PoolerOutput, golden["pooled"]);
        Expect.Prediction("text_embeds", output.TextEmbeds!, golden["text_embeds"]);
        Expect.Prediction("text_embeds_norm", UnitLength.Of(model.EmbedTexts(ids)), golden["text_embeds_norm"]);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void In_float64_both_are_the_references_to_ten_digits(string name)
    {
        Dictionary<string, Tensor> text = ScorerGoldens.Tensors($"{name}_text.safetensors"), vision = ScorerGoldens.Tensors($"{name}_vision.safetensors");
        using ClipModel model = Loaded(name, ScalarType.Float64);
        ActivationRecorder recorder = new(model);
        ClipTextOutput output = model.EncodeTexts(text["input_ids"]);
        Tensor embeds = model.EmbedImages(vision["pixel_values"].@double());
        int last = vision.Keys.Count(key => key.StartsWith("hidden_states.", StringComparison.Ordinal)) - 2;
        (string Name, Tensor Ours, Tensor Golden)[] all =
        [
            ("text last_hidden_state", output.LastHiddenState, text["last_hidden_state_f64"]),
            ("text pooled", output.PoolerOutput, text["pooled_f64"]),
            ("text_embeds", output.TextEmbeds!, text["text_embeds_f64"]),
            ("text_embeds_norm", UnitLength.Of(output.TextEmbeds!), text["text_embeds_norm_f64"]),
            ("vision last_hidden_state", recorder.Outputs[$"vision_model.encoder.layers.{last}"], vision["last_hidden_state_f64"]),
            ("vision pooled", recorder.Outputs["vision_model"], vision["pooled_f64"]),
            ("image_embeds", embeds, vision["image_embeds_f64"]),
            ("image_embeds_norm", UnitLength.Of(embeds), vision["image_embeds_norm_f64"]),
        ];
        Assert.All(all, each => Assert.InRange(Goldens.RelativeL2(each.Ours, each.Golden), 0, 1e-10));
    }

    private static ClipModel Loaded(string name, ScalarType type)
    {
        ClipDirectory directory = ClipDirectory.Open(Goldens.Path(name));
        ClipModel model = new(directory.Config, META);
        using Weights weights = Weights.Open(directory.WeightsPath);
        StrictLoader.Load(model, weights, type: type);
        return model;
    }
}
