using DiffusionDpo.Shared;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Parity;

/// <summary>The tolerances of the goldens' README for networks.</summary>
internal static class Expect
{
    private const double RelativeL2 = 5e-6;
    private const double MaxAbs = 1e-5;
    private const double RelativeL2InFloat64 = 1e-9;

    public static void Prediction(string name, Tensor actual, Tensor expected)
    {
        Close(name, actual, expected, RelativeL2);
        double distance = Goldens.MaxAbs(actual, expected);
        Assert.True(distance <= MaxAbs, $"{name}: max abs {distance:E2} > {MaxAbs}");
    }

    /// <summary>All recorded activations; the message lists every one that is off, in the order of the recording.</summary>
    public static void Activations(IReadOnlyDictionary<string, Tensor> golden, IReadOnlyDictionary<string, Tensor> actual)
    {
        string[] off =
        [
            .. golden.Where(each => !actual.TryGetValue(each.Key, out Tensor? output) || Goldens.RelativeL2(output, each.Value) > RelativeL2)
                .Select(each => actual.TryGetValue(each.Key, out Tensor? output) ? $"{each.Key} {Goldens.RelativeL2(output, each.Value):E2}" : $"{each.Key} missing"),
        ];
        Assert.True(off.Length == 0, $"{off.Length} of {golden.Count} are off: {string.Join(", ", off)}");
    }

    /// <param name="name">What is compared.</param>
    /// <param name="actual">Our result.</param>
    /// <param name="expected">The reference's.</param>
    /// <param name="slack">How far the parts that are float32 in float64 runs too may move the result.</param>
    public static void Float64(string name, Tensor actual, Tensor expected, double slack = 0) => Close(name, actual, expected, RelativeL2InFloat64 + slack);

    private static void Close(string name, Tensor actual, Tensor expected, double tolerance)
    {
        double distance = Goldens.RelativeL2(actual, expected);
        Assert.True(distance <= tolerance, $"{name}: relative L2 {distance:E2} > {tolerance}");
    }
}
