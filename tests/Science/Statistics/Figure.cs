using System.Globalization;

namespace Science.Statistics;

/// <summary>Numbers as the page writes them.</summary>
public static class Figure
{
    /// <summary>Two or more digits that count.</summary>
    public static string Of(double value) => Math.Abs(value) is > 0 and (< 1e-2 or >= 1e6)
        ? value.ToString("0.0e0", CultureInfo.InvariantCulture)
        : value.ToString("0.###", CultureInfo.InvariantCulture);
}
