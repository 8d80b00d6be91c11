namespace DiffusionDpo.Training.Memory;

/// <summary>Numbers of bytes for people.</summary>
public static class ByteCount
{
    private const double Step = 1024;

    /// <summary>In the unit that leaves one to four digits before the point.</summary>
    /// <param name="bytes">The number.</param>
    public static string Of(long bytes)
    {
        (double value, string unit) = Math.Abs(bytes) switch
        {
            < 1L << 20 => (bytes / Step, "KiB"),
            < 1L << 30 => (bytes / (Step * Step), "MiB"),
            _ => (bytes / (Step * Step * Step), "GiB"),
        };
        return $"{value.ToString(Math.Abs(value) < 10 ? "F1" : "F0")} {unit}";
    }
}
