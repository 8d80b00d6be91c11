using Shapes.Drawing;

namespace Shapes.Judging;

/// <summary>How far a drawing's edge is from its centre in each direction, and which shape has an edge like that.</summary>
/// <param name="radii">Distances in pixels in directions that are spread evenly over the circle.</param>
internal sealed class Outline(IReadOnlyList<double> radii)
{
    private const int Turns = 60;

    /// <summary>The shape that fits best, its size, and what is left over.</summary>
    public Fit Best() => Enum.GetValues<ShapeKind>().Select(Of).MinBy(fit => fit.Error)!;

    private Fit Of(ShapeKind kind)
    {
        int corners = kind.Corners();
        double period = corners == 0 ? 2 * Math.PI : 2 * Math.PI / corners;
        return Enumerable.Range(0, corners == 0 ? 1 : Turns).Select(i => At(kind, corners, period * i / Turns)).MinBy(fit => fit.Error)!;
    }

    /// <summary>The best radius at a given rotation, by least squares.</summary>
    private Fit At(ShapeKind kind, int corners, double turn)
    {
        double[] unit = [.. Enumerable.Range(0, radii.Count).Select(i => UnitRadius(corners, (2 * Math.PI * i / radii.Count) - turn))];
        double radius = radii.Zip(unit, (r, u) => r * u).Sum() / unit.Sum(u => u * u);
        double squares = radii.Zip(unit, (r, u) => (r - (radius * u)) * (r - (radius * u))).Average();
        return new Fit(kind, radius, Math.Sqrt(squares) / radius);
    }

    /// <summary>Edge of a regular polygon whose corners are at distance 1; no corners: a circle.</summary>
    private static double UnitRadius(int corners, double angle)
    {
        if (corners == 0) return 1;
        double period = 2 * Math.PI / corners;
        double within = angle - (period * Math.Floor(angle / period)) - (period / 2);
        return Math.Cos(period / 2) / Math.Cos(within);
    }

    /// <summary>A shape that was fitted.</summary>
    /// <param name="Kind">Which.</param>
    /// <param name="Radius">From the centre to the corners, in pixels.</param>
    /// <param name="Error">Root of the mean squared distance between the edges, as a share of the radius.</param>
    internal sealed record Fit(ShapeKind Kind, double Radius, double Error);
}
