using DiffusionDpo.Training.Parameters;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Parameters;

public sealed class MovingAverageTests : TorchTest
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    [InlineData(0.999)]
    public void It_is_the_sum_that_its_definition_says(double decay)
    {
        using var module = nn.Linear(4, 3, dtype: ScalarType.Float64);
        using var flat = FlatParameters.Of(module);
        flat.Values.fill_(2);
        using var average = new MovingAverage(flat, decay);
        double expected = 2;
        for (int step = 1; step <= 20; step++)
        {
            flat.Values.fill_(Math.Sin(step));
            average.Update();
            expected = (decay * expected) + ((1 - decay) * Math.Sin(step));
        }

        Assert.Equal(expected, average.Values.min().item<double>(), 1e-14);
        Assert.Equal(expected, average.Values.max().item<double>(), 1e-14);
    }

    [Fact]
    public void Of_a_network_in_bf16_it_is_in_float32()
    {
        using var module = nn.Linear(4, 3);
        using var flat = FlatParameters.Of(module, ScalarType.BFloat16, sumsGradients: false);
        using var average = new MovingAverage(flat, 0.5);
        flat.Values.add_(1e-4);
        average.Update();
        Assert.Equal(ScalarType.Float32, average.Values.dtype);
        Assert.Equal(5e-5, (flat.Values - average.Values).mean().item<float>(), 1e-6);
    }
}
