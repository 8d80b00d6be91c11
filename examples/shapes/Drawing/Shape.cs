namespace Quickstart;

/// <summary>One drawing: a filled shape on a light background.</summary>
/// <param name="Kind">What is drawn; the prompt names it.</param>
/// <param name="Color">Its colour; the prompt leaves it open.</param>
/// <param name="CenterX">Centre, 0 is left and 1 is right.</param>
/// <param name="CenterY">Centre, 0 is top and 1 is bottom.</param>
/// <param name="Radius">Distance from the centre to the outline's corners, 1 is the image's side.</param>
/// <param name="Turn">Rotation in radians.</param>
internal sealed record Shape(ShapeKind Kind, ShapeColor Color, double CenterX, double CenterY, double Radius, double Turn)
{
    private const int Supersampling = 3;

    /// <summary>The prompt of this drawing.</summary>
    public string Prompt => $"a {Kind.ToString().ToLowerInvariant()}";

    /// <summary>Draws it as RGB, row by row, edges antialiased.</summary>
    /// <param name="side">Side of the square image in pixels.</param>
    public byte[] Draw(int side)
    {
        (byte red, byte green, byte blue) = Color.Rgb();
        (byte, byte, byte) paper = (238, 236, 230);
        byte[] rgb = new byte[side * side * 3];
        for (int y = 0, at = 0; y < side; y++)
        for (int x = 0; x < side; x++, at += 3)
        {
            double inside = Coverage(x, y, side);
            rgb[at] = Mix(paper.Item1, red, inside);
            rgb[at + 1] = Mix(paper.Item2, green, inside);
            rgb[at + 2] = Mix(paper.Item3, blue, inside);
        }

        return rgb;
    }

    private double Coverage(int x, int y, int side)
    {
        int hits = 0;
        for (int i = 0; i < Supersampling; i++)
        for (int j = 0; j < Supersampling; j++)
        {
            double u = (x + ((i + 0.5) / Supersampling)) / side;
            double v = (y + ((j + 0.5) / Supersampling)) / side;
            if (Contains(u - CenterX, v - CenterY)) hits++;
        }

        return hits / (double)(Supersampling * Supersampling);
    }

    private bool Contains(double dx, double dy) => Kind switch
    {
        ShapeKind.Circle => (dx * dx) + (dy * dy) <= Radius * Radius,
        ShapeKind.Square => InsidePolygon(dx, dy, 4),
        _ => InsidePolygon(dx, dy, 3),
    };

    // A regular polygon is where the projection on every side's normal stays within the inner radius.
    private bool InsidePolygon(double dx, double dy, int corners)
    {
        double inner = Radius * Math.Cos(Math.PI / corners);
        for (int k = 0; k < corners; k++)
        {
            double normal = Turn + (2 * Math.PI * k / corners) + (Math.PI / 2);
            if ((dx * Math.Cos(normal)) + (dy * Math.Sin(normal)) > inner) return false;
        }

        return true;
    }

    private static byte Mix(byte from, byte to, double share) => (byte)Math.Round(from + ((to - from) * share));
}
