namespace Shapes.Drawing;

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
    public string Prompt => Kind.Prompt();

    /// <summary>Draws it as RGB, row by row, edges antialiased.</summary>
    /// <param name="side">Side of the square image in pixels.</param>
    public byte[] Draw(int side)
    {
        (byte red, byte green, byte blue) = Color.Rgb();
        (byte, byte, byte) paper = (238, 236, 230);
        (double X, double Y)[] normals = Normals();
        byte[] rgb = new byte[side * side * 3];
        for (int y = 0, at = 0; y < side; y++)
        for (int x = 0; x < side; x++, at += 3)
        {
            double inside = Coverage(x, y, side, normals);
            rgb[at] = Mix(paper.Item1, red, inside);
            rgb[at + 1] = Mix(paper.Item2, green, inside);
            rgb[at + 2] = Mix(paper.Item3, blue, inside);
        }

        return rgb;
    }

    private double Coverage(int x, int y, int side, (double X, double Y)[] normals)
    {
        int hits = 0;
        for (int i = 0; i < Supersampling; i++)
        for (int j = 0; j < Supersampling; j++)
        {
            double u = (x + ((i + 0.5) / Supersampling)) / side;
            double v = (y + ((j + 0.5) / Supersampling)) / side;
            if (Contains(u - CenterX, v - CenterY, normals)) hits++;
        }

        return hits / (double)(Supersampling * Supersampling);
    }

    private bool Contains(double dx, double dy, (double X, double Y)[] normals)
    {
        if (normals.Length == 0) return (dx * dx) + (dy * dy) <= Radius * Radius;

        // A regular polygon is where the projection on every side's normal stays within the inner radius.
        double inner = Radius * Math.Cos(Math.PI / normals.Length);
        foreach ((double x, double y) in normals)
            if ((dx * x) + (dy * y) > inner) return false;
        return true;
    }

    /// <summary>The directions that a polygon's sides face; a circle has none.</summary>
    private (double X, double Y)[] Normals() => [.. Enumerable.Range(0, Kind.Corners()).Select(k =>
    {
        (double sine, double cosine) = Math.SinCos(Turn + (2 * Math.PI * k / Kind.Corners()) + (Math.PI / 2));
        return (cosine, sine);
    })];

    private static byte Mix(byte from, byte to, double share) => (byte)Math.Round(from + ((to - from) * share));
}
