using DiffusionDpo.Models.Images;
using Shapes.Drawing;

namespace Shapes.Judging;

/// <summary>
/// Looks at pixels, with no network: what differs from the paper is the drawing; its median gives the colour, and the distance of its edge
/// from its centre in every direction gives the shape. Nothing is learned here, so that nothing can be talked into seeing what is not there.
/// </summary>
internal static class PixelJudge
{
    private const int Directions = 72;
    private const double StepAlongRay = 0.5;
    private const double Visible = 50; // distance of colours, of 441
    private const double NearColor = 90;
    private const double EdgeError = 0.085;
    private const double Stray = 0.15; // area outside the shape, as a share of the shape's
    private const double SmallestRadius = 9;
    private const double LargestRadius = 27;

    /// <summary>Judges an image.</summary>
    public static Verdict Look(RgbImage image)
    {
        double[] paper = Median(image, Border(image));
        int[] drawn = [.. Enumerable.Range(0, image.Width * image.Height).Where(at => Distance(Pixel(image, at), paper) > Visible)];
        if (drawn.Length < Math.PI * SmallestRadius * SmallestRadius / 3) return new Verdict(null, null);
        double[] ink = Median(image, drawn);
        ShapeColor color = Enum.GetValues<ShapeColor>().MinBy(each => Distance(ink, Values(each)));
        double[] coverage = Coverage(image, paper, ink);
        double area = coverage.Sum();
        (double x, double y) = Centre(image.Width, coverage, area);
        double[] radii = [.. Enumerable.Range(0, Directions).Select(i => EdgeDistance(coverage, image, x, y, 2 * Math.PI * i / Directions))];
        Outline.Fit fit = new Outline(radii).Best();
        double inside = radii.Sum(r => r * r) * Math.PI / Directions;
        bool isClear = fit.Error <= EdgeError
            && fit.Radius is >= SmallestRadius and <= LargestRadius
            && Distance(ink, Values(color)) <= NearColor
            && Math.Abs(area - inside) <= Stray * inside;
        return new Verdict(isClear ? fit.Kind : null, color);
    }

    private static IEnumerable<int> Border(RgbImage image) =>
        Enumerable.Range(0, image.Width * image.Height).Where(at => at % image.Width is var x && at / image.Width is var y
            && (x < 3 || y < 3 || x >= image.Width - 3 || y >= image.Height - 3));

    /// <summary>How much of each pixel is ink: where its colour stands on the way from the paper's to the ink's.</summary>
    private static double[] Coverage(RgbImage image, double[] paper, double[] ink)
    {
        double[] way = [.. ink.Zip(paper, (i, p) => i - p)];
        double length = way.Sum(w => w * w);
        return [.. Enumerable.Range(0, image.Width * image.Height).Select(at =>
            Math.Clamp(Pixel(image, at).Zip(paper, (c, p) => c - p).Zip(way, (d, w) => d * w).Sum() / length, 0, 1) is var share && share < 0.15 ? 0 : share)];
    }

    private static (double X, double Y) Centre(int width, double[] coverage, double area) => (
        coverage.Select((share, at) => share * (at % width)).Sum() / area,
        coverage.Select((share, at) => share * (at / width)).Sum() / area);

    /// <summary>Ink along a ray from the centre, in pixels: for a shape that the ray leaves once this is where it leaves it.</summary>
    private static double EdgeDistance(double[] coverage, RgbImage image, double x, double y, double angle)
    {
        (double sine, double cosine) = Math.SinCos(angle);
        double sum = 0;
        for (double r = StepAlongRay / 2; ; r += StepAlongRay)
        {
            double share = Between(coverage, image, x + (r * cosine), y + (r * sine));
            if (double.IsNaN(share)) return sum;
            sum += share * StepAlongRay;
        }
    }

    /// <summary>Bilinear; NaN outside.</summary>
    private static double Between(double[] coverage, RgbImage image, double x, double y)
    {
        (int left, int top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        if (left < 0 || top < 0 || left + 1 >= image.Width || top + 1 >= image.Height) return double.NaN;
        (double u, double v) = (x - left, y - top);
        double At(int column, int row) => coverage[(row * image.Width) + column];
        return ((1 - v) * (((1 - u) * At(left, top)) + (u * At(left + 1, top)))) + (v * (((1 - u) * At(left, top + 1)) + (u * At(left + 1, top + 1))));
    }

    private static double[] Median(RgbImage image, IEnumerable<int> pixels)
    {
        double[][] values = [.. pixels.Select(at => Pixel(image, at))];
        return [.. Enumerable.Range(0, 3).Select(channel => values.Select(each => each[channel]).Order().ElementAt(values.Length / 2))];
    }

    private static double[] Pixel(RgbImage image, int at)
    {
        ReadOnlySpan<byte> rgb = image.Pixels.AsSpan(3 * at, 3);
        return [rgb[0], rgb[1], rgb[2]];
    }

    private static double[] Values(ShapeColor color)
    {
        (byte red, byte green, byte blue) = color.Rgb();
        return [red, green, blue];
    }

    private static double Distance(double[] one, double[] other) => Math.Sqrt(one.Zip(other, (a, b) => (a - b) * (a - b)).Sum());
}
