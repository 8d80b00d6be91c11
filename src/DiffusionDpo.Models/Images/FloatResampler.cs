namespace DiffusionDpo.Models.Images;

/// <summary>Bicubic resizing of levels as fractions of 1, which are neither rounded nor clamped; PyTorch's, of a float tensor.</summary>
internal static class FloatResampler
{
    /// <summary>Resizes an image, first along rows, then along columns.</summary>
    /// <param name="image">The image; opacity is not looked at.</param>
    /// <param name="width">New width in pixels.</param>
    /// <param name="height">New height in pixels.</param>
    /// <param name="antialias">With a filter as wide as the reduction; otherwise by interpolation between four samples.</param>
    /// <returns>Channel, row, column: 3 · height · width values about [0, 1].</returns>
    public static float[] Resize(RgbImage image, int width, int height, bool antialias)
    {
        ResamplingTaps columns = Taps(image.Width, width, antialias), rows = Taps(image.Height, height, antialias);
        float[] inWidth = new float[3 * image.Height * width], result = new float[3 * height * width];
        for (int channel = 0; channel < 3; channel++)
        {
            AlongRows(image, channel, columns, inWidth.AsSpan(channel * image.Height * width));
            AlongColumns(inWidth.AsSpan(channel * image.Height * width), width, rows, result.AsSpan(channel * height * width));
        }

        return result;
    }

    private static ResamplingTaps Taps(int inputs, int outputs, bool antialias) =>
        antialias ? ResamplingTaps.Antialiased(ResamplingKernel.Cubic, inputs, outputs) : ResamplingTaps.Interpolating(inputs, outputs);

    private static void AlongRows(RgbImage image, int channel, ResamplingTaps taps, Span<float> result)
    {
        for (int y = 0, to = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> row = image.Pixels.AsSpan(y * image.Width * 3, image.Width * 3);
            for (int x = 0; x < taps.Outputs; x++)
            {
                double sum = 0;
                int from = (taps.First(x) * 3) + channel;
                foreach (double weight in taps.Of(x))
                {
                    sum += row[from] * weight;
                    from += 3;
                }

                result[to++] = (float)(sum / 255);
            }
        }
    }

    private static void AlongColumns(ReadOnlySpan<float> source, int width, ResamplingTaps taps, Span<float> result)
    {
        double[] sums = new double[width];
        for (int y = 0; y < taps.Outputs; y++)
        {
            Array.Clear(sums);
            int from = taps.First(y) * width;
            foreach (double weight in taps.Of(y))
            {
                for (int x = 0; x < width; x++) sums[x] += source[from + x] * weight;
                from += width;
            }

            for (int x = 0; x < width; x++) result[(y * width) + x] = (float)sums[x];
        }
    }
}
