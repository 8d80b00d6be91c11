using System.Text.Json;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Shared;

/// <summary>
/// The numbers of the Python reference: in the directory that DDPO_GOLDENS names, else tests/goldens of this repository.
/// Paths are relative to it.
/// </summary>
internal static class Goldens
{
    public static string Root { get; } = Environment.GetEnvironmentVariable("DDPO_GOLDENS") is { Length: > 0 } named
        ? named
        : Repository.Path("tests", "goldens");

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public static bool Exists(params string[] parts) => System.IO.Path.Exists(Path(parts));

    /// <summary>Every file below a directory that fits a pattern such as *.safetensors, sorted, relative to the goldens.</summary>
    public static string[] Files(string pattern, params string[] under) =>
        [.. Directory.GetFiles(Path(under), pattern, SearchOption.AllDirectories)
            .Select(file => System.IO.Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal)];

    public static JsonDocument Json(params string[] parts) => JsonDocument.Parse(File.ReadAllBytes(Path(parts)));

    /// <summary>A safetensors file; dispose it or not, tensors taken from it stay valid.</summary>
    public static SafetensorsFile Open(params string[] parts) => SafetensorsFile.Open(Path(parts));

    /// <summary>L2 distance over the L2 norm of what was expected, computed in float64; infinite for another shape or a NaN.</summary>
    public static double RelativeL2(Tensor actual, Tensor expected) => Compare(actual, expected, static (difference, reference) =>
    {
        double distance = difference.norm().item<double>(), size = reference.norm().item<double>();
        return distance == 0 ? 0 : distance / size;
    });

    /// <summary>Largest absolute difference, computed in float64; infinite for another shape or a NaN.</summary>
    public static double MaxAbs(Tensor actual, Tensor expected) =>
        Compare(actual, expected, static (difference, _) => difference.numel() == 0 ? 0 : difference.abs().max().item<double>());

    private static double Compare(Tensor actual, Tensor expected, Func<Tensor, Tensor, double> measure)
    {
        if (!actual.shape.SequenceEqual(expected.shape)) return double.PositiveInfinity;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor reference = expected.cpu().to(ScalarType.Float64);
        double distance = measure(actual.cpu().to(ScalarType.Float64) - reference, reference);
        return double.IsNaN(distance) ? double.PositiveInfinity : distance;
    }
}
