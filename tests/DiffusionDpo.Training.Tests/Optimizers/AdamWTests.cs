using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Optimizers;

public sealed class AdamWTests : TorchTest
{
    /// <summary>Against the algorithm of the paper in double arithmetic, written out.</summary>
    [Theory]
    [InlineData(ScalarType.Float64, 1e-13)]
    [InlineData(ScalarType.Float32, 2e-6)]
    public void Updates_are_those_of_the_algorithm(ScalarType type, double tolerance)
    {
        const double rate = 0.01, b1 = 0.9, b2 = 0.999, eps = 1e-8, decay = 0.01;
        using var module = nn.Linear(3, 1, hasBias: false, dtype: type);
        double[] p = [.. module.weight.to(ScalarType.Float64).data<double>()], m = new double[3], v = new double[3];
        using var flat = FlatParameters.Of(module);
        using var adam = new AdamW(flat, TinyRun.Rates);
        for (int step = 1; step <= 5; step++)
        {
            for (int i = 0; i < 3; i++)
            {
                double g = Math.Sin(step + (2 * i));
                flat.Gradients[i] = tensor(g, type);
                m[i] = (b1 * m[i]) + ((1 - b1) * g);
                v[i] = (b2 * v[i]) + ((1 - b2) * g * g);
                double direction = m[i] / (1 - Math.Pow(b1, step)) / (Math.Sqrt(v[i] / (1 - Math.Pow(b2, step))) + eps);
                p[i] = (p[i] * (1 - (rate * decay))) - (rate * direction);
            }

            adam.Step(rate);
        }

        double[] actual = [.. module.weight.detach().flatten().to(ScalarType.Float64).data<double>()];
        for (int i = 0; i < 3; i++) Assert.Equal(p[i], actual[i], tolerance);
        Assert.Equal(5, adam.Steps);
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(4, 0, 0)]
    [InlineData(4, 1, 0.25)]
    [InlineData(4, 4, 1)]
    [InlineData(4, 100, 1)]
    public void The_rate_rises_linearly_from_zero_and_stays(int warmUp, int step, double expected) =>
        Assert.Equal(expected, new WarmUp(1, warmUp).RateAt(step));
}
