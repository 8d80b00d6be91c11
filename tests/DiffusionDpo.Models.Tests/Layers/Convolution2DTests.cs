using DiffusionDpo.Models.Layers;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Layers;

public sealed class Convolution2DTests
{
    [Theory]
    [InlineData(16, 32, 3, 1, 8)]
    [InlineData(24, 24, 3, 1, 8)]
    [InlineData(24, 24, 3, 2, 8)]
    [InlineData(24, 24, 3, 1, 1)]
    [InlineData(40, 16, 3, 1, 7)]
    [InlineData(17, 15, 3, 1, 5)]
    [InlineData(4, 64, 3, 1, 8)]
    [InlineData(64, 4, 3, 1, 8)]
    [InlineData(64, 8, 3, 2, 8)]
    [InlineData(40, 24, 1, 1, 8)]
    public void Output_and_gradients_agree_with_float64_whatever_the_number_of_channels(int inChannels, int outChannels, int size, int stride, int pixels)
    {
        foreach (int batch in new[] { 1, 3 })
        {
            using DisposeScope scope = NewDisposeScope();
            using var single = new Convolution2D(inChannels, outChannels, size, stride, size / 2, device: null);
            using var exact = new Convolution2D(inChannels, outChannels, size, stride, size / 2, device: null);
            using (no_grad()) single.weight.normal_();
            using (no_grad()) single.bias!.normal_();
            exact.load_state_dict(single.state_dict());
            exact.to(ScalarType.Float64);
            Tensor input = randn(batch, inChannels, pixels, pixels, requires_grad: true);
            Tensor exactInput = input.detach().@double().requires_grad_();

            Tensor output = single.call(input), exactOutput = exact.call(exactInput);
            Tensor gradient = randn_like(output);
            output.backward([gradient]);
            exactOutput.backward([gradient.@double()]);

            Assert.True(output.is_contiguous());
            Assert.InRange(Goldens.RelativeL2(output, exactOutput), 0, 2e-6);
            Assert.InRange(Goldens.RelativeL2(input.grad!, exactInput.grad!), 0, 2e-6);
            Assert.InRange(Goldens.RelativeL2(single.weight.grad!, exact.weight.grad!), 0, 2e-6);
            Assert.InRange(Goldens.RelativeL2(single.bias!.grad!, exact.bias!.grad!), 0, 2e-6);
        }
    }
}
