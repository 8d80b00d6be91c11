using System.Numerics;

namespace DiffusionDpo.Models.Images;

/// <summary>
/// Antialiased resizing, bit for bit as PIL does it and therefore as the scripts of the field saw their images: a filter as wide as the
/// reduction, first along rows, then along columns, in 8-bit fixed point with 22 fraction bits.
/// </summary>
public static class PixelResampler
{
    private const int FractionBits = FixedPointTaps.FractionBits;
    private const int Half = 1 << (FractionBits - 1);

    /// <summary>Resizes an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="width">New width in pixels.</param>
    /// <param name="height">New height in pixels.</param>
    /// <param name="kernel">The filter.</param>
    /// <returns>Without opacity.</returns>
    public static RgbImage Resize(RgbImage image, int width, int height, ResamplingKernel kernel)
    {
        var inWidth = width == image.Width ? image with { Alpha = null } : AlongRows(image, FixedPointTaps.Of(kernel, image.Width, width), width);
        return height == inWidth.Height ? inWidth : AlongColumns(inWidth, FixedPointTaps.Of(kernel, image.Height, height), height);
    }

    private static RgbImage AlongRows(RgbImage image, FixedPointTaps taps, int width)
    {
        var (source, result) = (image.Pixels, new byte[width * image.Height * 3]);
        for (int y = 0, to = 0; y < image.Height; y++)
        {
            var row = source.AsSpan(y * image.Width * 3, image.Width * 3);
            for (var x = 0; x < width; x++, to += 3)
            {
                int red = Half, green = Half, blue = Half;
                var from = taps.First[x] * 3;
                foreach (var weight in taps.WeightsOf(x))
                {
                    red += row[from] * weight;
                    green += row[from + 1] * weight;
                    blue += row[from + 2] * weight;
                    from += 3;
                }

                // A triangle's weights add up to 1 only within rounding; a cubic's are negative here and there.
                result[to] = (byte)Math.Clamp(red >> FractionBits, 0, 255);
                result[to + 1] = (byte)Math.Clamp(green >> FractionBits, 0, 255);
                result[to + 2] = (byte)Math.Clamp(blue >> FractionBits, 0, 255);
            }
        }

        return new RgbImage(result, width, image.Height);
    }

    private static RgbImage AlongColumns(RgbImage image, FixedPointTaps taps, int height)
    {
        var stride = image.Width * 3;
        var (result, sums) = (new byte[stride * height], new int[stride]);
        for (var y = 0; y < height; y++)
        {
            Array.Fill(sums, Half);
            var from = taps.First[y] * stride;
            foreach (var weight in taps.WeightsOf(y))
            {
                AddWeighted(sums, image.Pixels.AsSpan(from, stride), weight);
                from += stride;
            }

            var row = result.AsSpan(y * stride, stride);
            for (var x = 0; x < stride; x++)
                row[x] = (byte)Math.Clamp(sums[x] >> FractionBits, 0, 255);
        }

        return new RgbImage(result, image.Width, height);
    }

    private static void AddWeighted(Span<int> sums, ReadOnlySpan<byte> samples, int weight)
    {
        var x = 0;
        for (; x + Vector<byte>.Count <= samples.Length; x += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(samples[x..]), out var low, out var high);
            Vector.Widen(low, out var first, out var second);
            Vector.Widen(high, out var third, out var fourth);
            Add(sums[x..], first, weight);
            Add(sums[(x + Vector<int>.Count)..], second, weight);
            Add(sums[(x + (2 * Vector<int>.Count))..], third, weight);
            Add(sums[(x + (3 * Vector<int>.Count))..], fourth, weight);
        }

        for (; x < samples.Length; x++)
            sums[x] += samples[x] * weight;
    }

    private static void Add(Span<int> sums, Vector<uint> samples, int weight) =>
        (new Vector<int>(sums) + (Vector.AsVectorInt32(samples) * weight)).CopyTo(sums);
}
