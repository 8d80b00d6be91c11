using DiffusionDpo.Models.TextEncoders;
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
        using ClipTextModel network = GoldenPipeline.TextEncoder(tag);
        ClipTextOutput output = network.call(golden["input_ids_1"]);
        Assert.Equal(golden.Keys.Count(name => name.StartsWith("te1.hidden_states.", StringComparison.Ordinal)), output.HiddenStates.Count);
        for (int i = 0; i < output.HiddenStates.Count; i++)
        {
            Expect.Prediction($"hidden_states.{i}", output.HiddenStates[i], golden[$"te1.hidden_states.{i}"]);
        }

        Expect.Prediction("last_hidden_state", output.LastHiddenState, golden["te1.last_hidden_state"]);
        Expect.Prediction("prompt_embeds", output.LastHiddenState, golden["prompt_embeds"]);
        Expect.Prediction("pooler_output", output.PoolerOutput, golden["te1.pooler_output"]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Text_states_in_float64_are_those_of_the_reference(string tag, string file)
    {
        Dictionary<string, Tensor> golden = GoldenPipeline.Activations(tag, file);
        using ClipTextModel network = GoldenPipeline.TextEncoder(tag);
        network.to(ScalarType.Float64);
        Expect.Float64("prompt_embeds", network.call(golden["input_ids_1"]).LastHiddenState, golden["prompt_embeds_f64"]);
    }
}
