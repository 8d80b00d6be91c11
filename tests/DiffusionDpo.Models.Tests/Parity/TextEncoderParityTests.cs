using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Parity;

[Trait("Category", "Parity")]
public sealed class TextEncoderParityTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGradient = no_grad();

    public static TheoryData<string, string> Cases => GoldenPipeline.Cases("text_encoder", submodules: false);

    public void Dispose()
    {
        noGradient.Dispose();
        scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_state_is_that_of_the_reference(string tag, string file)
    {
        Dictionary<string, Tensor> golden = GoldenPipeline.Activations(tag, file);
        (string Part, string Prefix)[] encoders = [("text_encoder", "te1."), ("text_encoder_2", "te2.")];
        foreach ((string part, string prefix) in encoders.Where(each => Goldens.Exists($"tiny-{tag}", each.Part)))
        {
            using ClipTextModel network = GoldenPipeline.TextEncoder(tag, part);
            ClipTextOutput output = network.call(golden["input_ids_" + prefix[2]]);
            Assert.Equal(golden.Keys.Count(name => name.StartsWith(prefix + "hidden_states.", StringComparison.Ordinal)), output.HiddenStates.Count);
            for (int i = 0; i < output.HiddenStates.Count; i++)
                Expect.Prediction($"{prefix}hidden_states.{i}", output.HiddenStates[i], golden[$"{prefix}hidden_states.{i}"]);

            (string Name, Tensor? Output)[] others = [("last_hidden_state", output.LastHiddenState), ("pooler_output", output.PoolerOutput), ("text_embeds", output.TextEmbeds)];
            var recorded = others.Where(each => golden.ContainsKey(prefix + each.Name)).ToArray();
            Assert.True(recorded.Length >= 2);
            foreach ((string name, Tensor? ours) in recorded) Expect.Prediction(prefix + name, ours!, golden[prefix + name]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_the_unet_is_told_of_prompts_is_that_of_the_reference(string tag, string file)
    {
        Dictionary<string, Tensor> golden = GoldenPipeline.Activations(tag, file);
        string[] prompts = [.. Goldens.Json(tag + "-activations", file + "_prompts.json").RootElement.EnumerateArray().Select(each => each.GetString()!)];
        foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            using StableDiffusionPipeline model = StableDiffusionPipeline.Load(Goldens.Path($"tiny-{tag}"), type: type);
            Conditioning told = model.Text.Encode(prompts);
            Compare("prompt_embeds", told.TextStates);
            Assert.Equal(golden.ContainsKey("pooled_prompt_embeds"), told.PooledText is not null);
            if (told.PooledText is not null) Compare("pooled_prompt_embeds", told.PooledText);

            void Compare(string name, Tensor ours)
            {
                if (type == ScalarType.Float64) Expect.Float64(name, ours, golden[name + "_f64"]);
                else Expect.Prediction(name, ours, golden[name]);
            }
        }
    }
}
