using DiffusionDpo.Models.Layers;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Layers;

public sealed class SeededInitializationTests
{
    private static readonly UNetConfig Config = new()
    {
        BlockOutChannels = [32, 64],
        DownBlockTypes = ["CrossAttnDownBlock2D", "DownBlock2D"],
        UpBlockTypes = ["UpBlock2D", "CrossAttnUpBlock2D"],
        LayersPerBlock = 1,
        CrossAttentionDim = 32,
        AttentionHeadDim = 4,
        NormNumGroups = 8,
    };

    [Fact]
    public void The_same_draws_give_the_same_network_wherever_it_was_created()
    {
        using var one = new UNet2DConditionModel(Config, META);
        using var two = new UNet2DConditionModel(Config, CPU);
        SeededInitialization.Fill(one, Draws(1));
        SeededInitialization.Fill(two, Draws(1));
        Assert.Equal(Bytes(one), Bytes(two));
        SeededInitialization.Fill(two, Draws(2));
        Assert.NotEqual(Bytes(one), Bytes(two));
    }

    [Fact]
    public void Distributions_are_the_defaults_of_PyTorch()
    {
        using var network = new UNet2DConditionModel(Config, META);
        SeededInitialization.Fill(network, Draws(3));
        Dictionary<string, Parameter> parameters = network.named_parameters().ToDictionary(each => each.name, each => each.parameter);
        AssertUniform(parameters["mid_block.resnets.0.conv1.weight"], 1 / Math.Sqrt(64 * 9));
        AssertUniform(parameters["time_embedding.linear_2.weight"], 1 / Math.Sqrt(128));
        Assert.InRange(parameters["time_embedding.linear_2.bias"].abs().max().item<float>(), 0, (float)(1 / Math.Sqrt(128)));
        Assert.Equal(1, parameters["conv_norm_out.weight"].min().item<float>());
        Assert.Equal(0, parameters["conv_norm_out.bias"].abs().max().item<float>());

        using var text = new ClipTextModel(new ClipTextConfig { VocabSize = 501, HiddenSize = 33, NumAttentionHeads = 3, NumHiddenLayers = 1 }, META);
        SeededInitialization.Fill(text, Draws(4));
        Tensor table = text.get_parameter("text_model.embeddings.token_embedding.weight")!;
        Assert.InRange(table.mean().item<float>(), -0.03f, 0.03f);
        Assert.InRange(table.std().item<float>(), 0.98f, 1.02f);
    }

    [Fact]
    public void A_network_from_scratch_predicts_finite_values_and_every_parameter_gets_a_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using var network = new UNet2DConditionModel(Config, META);
        SeededInitialization.Fill(network, Draws(5));
        Tensor output = network.call(ones(2, 4, 6, 5), tensor(new long[] { 3, 700 }), new(ones(2, 7, 32)));
        Assert.Equal([2L, 4, 6, 5], output.shape);
        output.square().mean().backward();
        Assert.All(network.named_parameters(), each => Assert.True(each.parameter.grad is { } gradient && gradient.isfinite().all().item<bool>(), each.name));
    }

    private static Action<Span<float>> Draws(int seed)
    {
        var random = new Random(seed);
        return span =>
        {
            foreach (ref float value in span) value = random.NextSingle();
        };
    }

    private static byte[] Bytes(nn.Module network) => [.. ParameterSlot.Of(network).SelectMany(slot => TorchNative.Bytes(slot.Current).ToArray())];

    private static void AssertUniform(Tensor values, double bound)
    {
        Assert.InRange(values.abs().max().item<float>(), 0.99 * bound, bound);
        Assert.InRange(values.std().item<float>() / (bound / Math.Sqrt(3)), 0.97, 1.03);
    }
}
