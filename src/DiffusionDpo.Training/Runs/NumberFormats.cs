using DiffusionDpo.Api.Options;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Runs;

/// <summary>The element type of each number format.</summary>
internal static class NumberFormats
{
    public static ScalarType Of(Precision precision) => precision switch
    {
        Precision.Float32 => ScalarType.Float32,
        Precision.BFloat16 => ScalarType.BFloat16,
        Precision.Float16 => ScalarType.Float16,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "not a number format"),
    };
}
