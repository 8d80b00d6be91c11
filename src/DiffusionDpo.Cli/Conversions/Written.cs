using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Training.Memory;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>How much a conversion has written, for people.</summary>
internal static class Written
{
    /// <summary>Such as "1,131 tensors, 2.0 GiB".</summary>
    /// <param name="meter">What counted it.</param>
    public static string Of(WriteMeter meter) => $"{meter.Tensors:N0} tensors, {ByteCount.Of(meter.Bytes)}";
}
