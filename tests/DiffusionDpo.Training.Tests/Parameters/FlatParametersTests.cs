using DiffusionDpo.Training.Parameters;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Parameters;

public sealed class FlatParametersTests : TorchTest
{
    private readonly TorchSharp.Modules.Linear module = nn.Linear(5, 3, dtype: ScalarType.Float64);

    [Fact]
    public void Parameters_keep_their_values_and_become_views()
    {
        Tensor before = module.weight.detach().clone();
        using var flat = FlatParameters.Of(module);
        Assert.True(before.equal(module.weight).all().item<bool>());
        flat.Values.fill_(2);
        Assert.Equal(11 * 2, module.call(ones(5, ScalarType.Float64))[0].item<double>() + 10, 1e-12);
        Assert.True(module.weight.is_leaf && module.weight.requires_grad);
    }

    [Fact]
    public void Gradients_accumulate_in_the_flat_buffer()
    {
        using var flat = FlatParameters.Of(module);
        for (int i = 0; i < 2; i++) module.call(ones(4, 5, ScalarType.Float64)).sum().backward();
        Assert.Equal(2 * 4 * (15 + 3), flat.Gradients.sum().item<double>(), 1e-12);
        Assert.Equal(Math.Sqrt(18 * 64), flat.GradientNorm(), 1e-12);
        flat.ZeroGradients();
        Assert.Equal(0, module.weight.grad!.abs().sum().item<double>());
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(0, 24)]
    [InlineData(100, 24)]
    public void Clipping_scales_a_larger_norm_down_and_leaves_a_smaller_one(double maximum, double expected)
    {
        using var flat = FlatParameters.Of(module);
        module.call(ones(8, 5, ScalarType.Float64)).sum().backward();
        double norm = flat.GradientNorm();
        flat.Gradients.mul_(24 / norm);
        Tensor scaled = flat.ScaledGradients(0, flat.Gradients.numel(), FlatParameters.ClippingScale(24, maximum));
        Assert.Equal(expected, scaled.norm().item<double>(), 1e-5);
    }

    [Fact]
    public void Buffers_have_a_view_for_each_parameter()
    {
        using var flat = FlatParameters.Of(module);
        IReadOnlyList<(string Name, Tensor Tensor)> named = flat.Named(flat.Values);
        Assert.Equal(module.named_parameters().Select(each => each.name), named.Select(each => each.Name));
        Assert.True(named[0].Tensor.equal(module.weight).all().item<bool>());
        Assert.Equal([3], named[1].Tensor.shape);
    }

    [Fact]
    public void A_change_that_bf16_rounds_away_stays_in_the_values()
    {
        using var network = nn.Linear(5, 3);
        network.weight.detach().copy_(linspace(-0.4, 0.4, 15).view(3, 5));
        Tensor start = network.weight.detach().clone();
        using var flat = FlatParameters.Of(network, ScalarType.BFloat16, sumsGradients: false);
        Assert.Equal(ScalarType.BFloat16, network.weight.dtype);
        Assert.True(network.weight.equal(start.to(ScalarType.BFloat16)).all().item<bool>());
        flat.Values.add_(1);
        flat.UpdateNetwork();
        Tensor rounded = network.weight.detach().clone();
        for (int i = 0; i < 128; i++) // more in all than bf16 has between two numbers from 1 to 2
        {
            flat.Values.add_(1e-4);
            flat.UpdateNetwork();
            if (i == 0) Assert.True(rounded.equal(network.weight).@float().mean().item<float>() > 0.5f);
        }

        Assert.InRange((flat.Named(flat.Values)[0].Tensor - start).sub(1.0128).abs().max().item<float>(), 0, 4e-5f);
        Assert.False(rounded.equal(network.weight).any().item<bool>());
    }

    [Fact]
    public void Frozen_parameters_stay_out()
    {
        module.bias!.requires_grad_(false);
        using var flat = FlatParameters.Of(module);
        Assert.Equal("weight", Assert.Single(flat.Slices).Name);
    }
}
