namespace Shapes.Judging;

/// <summary>A share of images, with Wilson's 95 % interval (1927), which holds near 0 and 1 too.</summary>
/// <param name="Count">How many have the property.</param>
/// <param name="Of">Of how many.</param>
internal sealed record Share(int Count, int Of)
{
    private const double Z = 1.959963984540054;

    /// <summary>The share.</summary>
    public double Value => (double)Count / Of;

    /// <summary>Lower end of the interval.</summary>
    public double Low => Middle - Half;

    /// <summary>Upper end of the interval.</summary>
    public double High => Middle + Half;

    private double Middle => (Value + (Z * Z / (2 * Of))) / (1 + (Z * Z / Of));

    private double Half => Z / (1 + (Z * Z / Of)) * Math.Sqrt((Value * (1 - Value) / Of) + (Z * Z / (4.0 * Of * Of)));

    /// <inheritdoc/>
    public override string ToString() => $"{100 * Value:0.0} % ({100 * Low:0.0}–{100 * High:0.0} %)";
}
