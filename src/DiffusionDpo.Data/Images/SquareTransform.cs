using DiffusionDpo.Models.Images;

namespace DiffusionDpo.Data.Images;

/// <summary>
/// From an image of any size to the square a network sees: shorter side to the resolution R, an R×R crop, an optional mirror, [−1, 1].
/// </summary>
public static class SquareTransform
{
    private static readonly float[] Levels = [.. Enumerable.Range(0, 256).Select(level => ((level / 255f) - 0.5f) / 0.5f)];

    /// <summary>Makes the shorter side R pixels long; the longer one keeps the proportion, rounded down.</summary>
    /// <param name="image">The image.</param>
    /// <param name="resolution">R.</param>
    /// <exception cref="BadImageException">So long and narrow that it would become larger than any image that is taken.</exception>
    public static RgbImage ResizeShorterSide(RgbImage image, int resolution)
    {
        var (width, height) = SizeOf(image.Width, image.Height, resolution);
        return PixelResampler.Resize(image, width, height, ResamplingKernel.Triangle);
    }

    /// <summary>The size of an image whose shorter side is made R pixels long.</summary>
    /// <param name="width">Width of the image.</param>
    /// <param name="height">Height of the image.</param>
    /// <param name="resolution">R.</param>
    /// <exception cref="BadImageException">So long and narrow that it would become larger than any image that is taken.</exception>
    public static (int Width, int Height) SizeOf(int width, int height, int resolution)
    {
        var longer = (long)resolution * Math.Max(width, height) / Math.Min(width, height);
        if (resolution * longer > ImageDecoder.MaxPixels)
            throw new BadImageException($"{width}×{height} is too long and narrow: at {resolution} pixels of its shorter side it would have {longer} of the other");
        return width <= height ? (resolution, (int)longer) : ((int)longer, resolution);
    }

    /// <summary>The offset of the middle crop: half the surplus, a half rounded to even.</summary>
    /// <param name="length">Width or height of the resized image.</param>
    /// <param name="resolution">R.</param>
    public static int CenterOffset(int length, int resolution) => (int)Math.Round((length - resolution) / 2.0, MidpointRounding.ToEven);

    /// <summary>Cuts a square and scales it to [−1, 1].</summary>
    /// <param name="image">An image of at least R×R.</param>
    /// <param name="square">Which square.</param>
    /// <returns>Channel, row, column: 3·R·R values.</returns>
    public static float[] ToPixelValues(RgbImage image, Square square)
    {
        var (top, left, side, mirrored) = square;
        var plane = side * side;
        var values = new float[3 * plane];
        for (var y = 0; y < side; y++)
        {
            var row = image.Pixels.AsSpan((((top + y) * image.Width) + left) * 3, side * 3);
            for (var x = 0; x < side; x++)
            {
                var from = (mirrored ? side - 1 - x : x) * 3;
                var to = (y * side) + x;
                values[to] = Levels[row[from]];
                values[plane + to] = Levels[row[from + 1]];
                values[(2 * plane) + to] = Levels[row[from + 2]];
            }
        }

        return values;
    }
}

/// <summary>A square of an image.</summary>
/// <param name="Top">First row.</param>
/// <param name="Left">First column.</param>
/// <param name="Side">Pixels.</param>
/// <param name="Mirrored">Left and right are exchanged after cutting.</param>
public readonly record struct Square(int Top, int Left, int Side, bool Mirrored);
