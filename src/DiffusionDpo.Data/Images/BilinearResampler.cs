using System.Numerics;
using DiffusionDpo.Models.Images;

namespace DiffusionDpo.Data.Images;

/// <summary>
/// Antialiased bilinear resizing, bit for bit as PIL does it and therefore as the training scripts of the field saw their images: a triangle
/// filter as wide as the reduction, first along rows, then along columns, in 8-bit fixed point with 22 fraction bits.
/// </summary>
public static class BilinearResampler
{
    private const int FractionBits = 22;
    private const int Half = 1 << (FractionBits - 1);

    /// <summary>Resizes an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="width">New width in pixels.</param>
    /// <param name="height">New height in pixels.</param>
    public static RgbImage Resize(RgbImage image, int width, int height)
    {
        var inWidth = width == image.Width ? image : AlongRows(image, width);
        return height == inWidth.Height ? inWidth : AlongColumns(inWidth, height);
    }

    private static RgbImage AlongRows(RgbImage image, int width)
    {
        var taps = Taps.Of(image.Width, width);
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

                // Weights are never negative and add up to 1 within rounding, so only the upper end needs a clamp.
                result[to] = (byte)Math.Min(red >> FractionBits, 255);
                result[to + 1] = (byte)Math.Min(green >> FractionBits, 255);
                result[to + 2] = (byte)Math.Min(blue >> FractionBits, 255);
            }
        }

        return new RgbImage(result, width, image.Height);
    }

    private static RgbImage AlongColumns(RgbImage image, int height)
    {
        var taps = Taps.Of(image.Height, height);
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
                row[x] = (byte)Math.Min(sums[x] >> FractionBits, 255);
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

    /// <summary>Which input samples make each output sample, and with what fixed-point weights.</summary>
    private sealed class Taps(int[] first, int[] counts, int[] weights, int perOutput)
    {
        public int[] First => first;

        public ReadOnlySpan<int> WeightsOf(int output) => weights.AsSpan(output * perOutput, counts[output]);

        public static Taps Of(int inputs, int outputs)
        {
            var scale = (double)inputs / outputs;
            var support = Math.Max(scale, 1); // half the width of the triangle, in input samples
            var perOutput = ((int)Math.Ceiling(support) * 2) + 1;
            var taps = new Taps(new int[outputs], new int[outputs], new int[outputs * perOutput], perOutput);
            for (var output = 0; output < outputs; output++)
                taps.Fill(output, (output + 0.5) * scale, support, inputs);
            return taps;
        }

        private void Fill(int output, double center, double support, int inputs)
        {
            var begin = Math.Max(0, (int)(center - support + 0.5));
            var count = Math.Min(inputs, (int)(center + support + 0.5)) - begin;
            Span<double> exact = count <= 256 ? stackalloc double[count] : new double[count];
            var total = 0.0;
            for (var i = 0; i < count; i++)
                total += exact[i] = Math.Max(0, 1 - Math.Abs((begin + i - center + 0.5) * (1 / support)));
            (first[output], counts[output]) = (begin, count);
            for (var i = 0; i < count; i++)
                weights[(output * perOutput) + i] = (int)((exact[i] / total * (1 << FractionBits)) + 0.5);
        }
    }
}
