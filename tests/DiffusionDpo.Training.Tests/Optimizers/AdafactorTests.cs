using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Optimizers;

public sealed class AdafactorTests : TorchTest
{
    private const double Rate = 0.01, Decay = 0.01;

    /// <summary>Against the algorithm of the paper in double arithmetic, written out over indices. Gradients grow, so that updates are scaled down.</summary>
    [Theory]
    [InlineData(ScalarType.Float64, 1e-13, new long[] { 5 })]
    [InlineData(ScalarType.Float64, 1e-13, new long[] { 3, 4 })]
    [InlineData(ScalarType.Float64, 1e-13, new long[] { 2, 2, 3 })]
    [InlineData(ScalarType.Float64, 1e-13, new long[] { 3, 2, 1, 1 })]
    [InlineData(ScalarType.Float32, 2e-6, new long[] { 3, 4 })]
    public void Updates_are_those_of_the_algorithm(ScalarType type, double tolerance, long[] shape)
    {
        using var module = new Holder(arange(1, shape.Aggregate(1L, (a, b) => a * b) + 1, dtype: type).view(shape).div(10));
        double[] p = [.. module.Weight.detach().flatten().to(ScalarType.Float64).data<double>()];
        var expected = new Written(shape);
        using var flat = FlatParameters.Of(module);
        using var adafactor = new Adafactor(flat, TinyRun.Rates with { WeightDecay = Decay });
        bool scaledDown = false;
        for (int step = 1; step <= 5; step++)
        {
            double[] g = [.. Enumerable.Range(0, p.Length).Select(i => step * step * Math.Sin(step + (2 * i)))];
            module.Weight.grad!.copy_(tensor(g).view(shape));
            scaledDown |= expected.Update(p, g, step);
            adafactor.Step(Rate);
        }

        double[] actual = [.. module.Weight.detach().flatten().to(ScalarType.Float64).data<double>()];
        for (int i = 0; i < p.Length; i++) Assert.Equal(p[i], actual[i], tolerance);
        Assert.True(scaledDown);
        Assert.Equal(5, adafactor.Steps);
    }

    [Fact]
    public void Matrices_are_factored_and_vectors_are_not()
    {
        using var module = nn.Linear(4, 3);
        using var flat = FlatParameters.Of(module);
        using var adafactor = new Adafactor(flat, TinyRun.Rates);
        Assert.Equal(
            ["row.weight [3]", "column.weight [4]", "second.bias [3]"],
            adafactor.State().Select(each => $"{each.Name} [{string.Join(", ", each.Tensor.shape)}]"));
    }

    [Fact]
    public void A_gradient_of_zero_leaves_all_but_the_decay()
    {
        using var module = nn.Linear(4, 3, dtype: ScalarType.Float64);
        using var flat = FlatParameters.Of(module);
        using var adafactor = new Adafactor(flat, TinyRun.Rates with { WeightDecay = Decay });
        Tensor before = flat.Values.clone();
        adafactor.Step(Rate);
        Assert.InRange((flat.Values - (before * (1 - (Rate * Decay)))).abs().max().item<double>(), 0, 1e-15);
    }

    private sealed class Holder : nn.Module
    {
        public Holder(Tensor values) : base(nameof(Holder))
        {
            Weight = new Parameter(values);
            register_parameter("weight", Weight);
        }

        public Parameter Weight { get; }
    }

    /// <summary>The algorithm over plain numbers; of more than two dimensions the last two are matrices.</summary>
    private sealed class Written(long[] shape)
    {
        private readonly Dictionary<(string Kind, int Matrix, int At), double> means = [];

        /// <summary>Changes the parameters; tells whether the update was scaled down.</summary>
        public bool Update(double[] p, double[] g, int step)
        {
            double beta = 1 - Math.Pow(step, -0.8);
            int columns = (int)shape[^1], rows = shape.Length < 2 ? 1 : (int)shape[^2], size = rows * columns;
            double[] u = new double[p.Length];
            for (int matrix = 0; matrix < p.Length / size; matrix++)
            {
                double[] s = [.. g.Skip(matrix * size).Take(size).Select(value => (value * value) + 1e-30)];
                double[] r = [.. Enumerable.Range(0, rows).Select(i => Mean("row", matrix, i, beta, Enumerable.Range(0, columns).Average(j => s[(i * columns) + j])))];
                double[] c = [.. Enumerable.Range(0, columns).Select(j => Mean("column", matrix, j, beta, Enumerable.Range(0, rows).Average(i => s[(i * columns) + j])))];
                for (int at = 0; at < size; at++)
                {
                    double v = shape.Length < 2 ? c[at] : r[at / columns] * c[at % columns] / r.Average();
                    u[(matrix * size) + at] = g[(matrix * size) + at] / Math.Sqrt(v);
                }
            }

            double divisor = Math.Max(1, Math.Sqrt(u.Average(value => value * value)));
            for (int i = 0; i < p.Length; i++) p[i] = (p[i] * (1 - (Rate * Decay))) - (Rate * u[i] / divisor);
            return divisor > 1.01;
        }

        private double Mean(string kind, int matrix, int at, double beta, double fresh) =>
            means[(kind, matrix, at)] = (beta * means.GetValueOrDefault((kind, matrix, at))) + ((1 - beta) * fresh);
    }
}
