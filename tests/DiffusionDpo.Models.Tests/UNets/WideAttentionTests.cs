using DiffusionDpo.Models.Layers;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.UNets;

/// <summary>Attention in float32 inside a network of half precision (<c>upcast_attention</c> of Stable Diffusion 2.1).</summary>
public sealed class WideAttentionTests : IDisposable
{
    private const int Heads = 2;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGradient = no_grad();

    public void Dispose()
    {
        noGradient.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Half_precision_is_left_between_the_projections_alone()
    {
        (CrossAttention narrow, CrossAttention wide) = Pair(ScalarType.BFloat16);
        Tensor tokens = Tokens(ScalarType.BFloat16);
        Dictionary<string, nn.Module> layers = wide.named_modules().ToDictionary(each => each.name, each => each.module);
        Tensor attended = MultiHead.Attend(Projected("to_q").@float(), Projected("to_k").@float(), Projected("to_v").@float(), Heads).to(ScalarType.BFloat16);
        Tensor expected = ((nn.Module<Tensor, Tensor>)layers["to_out"]).call(attended), actual = wide.call(tokens, tokens);
        Assert.Equal(ScalarType.BFloat16, actual.dtype);
        Assert.Equal(0, Goldens.MaxAbs(actual.@float(), expected.@float()));
        Assert.NotEqual(0, Goldens.MaxAbs(actual.@float(), narrow.call(tokens, tokens).@float()));

        Tensor Projected(string name) => ((nn.Module<Tensor, Tensor>)layers[name]).call(tokens);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Full_precision_is_left_as_it_is(ScalarType type)
    {
        (CrossAttention narrow, CrossAttention wide) = Pair(type);
        Tensor tokens = Tokens(type);
        Assert.Equal(0, Goldens.MaxAbs(wide.call(tokens, tokens), narrow.call(tokens, tokens)));
        Assert.Equal(type, wide.call(tokens, tokens).dtype);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("null", false)]
    public void The_configuration_decides(string value, bool isWide) =>
        Assert.Equal(isWide, UNetConfig.FromJson($$"""{"upcast_attention": {{value}}}""", "test").UpcastAttention == true);

    private static (CrossAttention Narrow, CrossAttention Wide) Pair(ScalarType type)
    {
        CrossAttention narrow = new(16, 16, Heads, isWide: false, CPU), wide = new(16, 16, Heads, isWide: true, CPU);
        wide.load_state_dict(narrow.state_dict());
        narrow.to(type);
        wide.to(type);
        return (narrow, wide);
    }

    private static Tensor Tokens(ScalarType type) => (randn([1, 9, 16], generator: new Generator(4)) * 3).to(type);
}
