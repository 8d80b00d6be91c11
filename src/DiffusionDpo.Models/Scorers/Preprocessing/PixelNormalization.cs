using DiffusionDpo.Models.Images;

namespace DiffusionDpo.Models.Scorers.Preprocessing;

/// <summary>What levels become: their fraction of 255, less the mean of the channel, over its deviation.</summary>
/// <param name="Mean">Red, green, blue; of the training images, as fractions.</param>
/// <param name="Deviation">The same.</param>
internal sealed record PixelNormalization(IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation)
{
    /// <summary>The numbers of OpenAI's CLIP, which all its descendants kept.</summary>
    public static PixelNormalization OpenAi { get; } = new([0.48145466f, 0.4578275f, 0.40821073f], [0.26862954f, 0.26130258f, 0.27577711f]);

    /// <summary>A fraction of 255 in a channel.</summary>
    public float Of(float fraction, int channel) => (fraction - Mean[channel]) / Deviation[channel];

    /// <summary>A square of an image.</summary>
    /// <param name="image">At least as large as the square.</param>
    /// <param name="top">First row.</param>
    /// <param name="left">First column.</param>
    /// <param name="size">Side, S.</param>
    /// <returns>Channel, row, column: 3·S·S values.</returns>
    public float[] Square(RgbImage image, int top, int left, int size)
    {
        float[] values = new float[3 * size * size];
        for (int channel = 0, to = 0; channel < 3; channel++)
        {
            float[] levels = [.. Enumerable.Range(0, 256).Select(level => Of(level / 255f, channel))];
            for (int y = 0; y < size; y++)
            {
                ReadOnlySpan<byte> row = image.Pixels.AsSpan((((top + y) * image.Width) + left) * 3, size * 3);
                for (int x = 0; x < size; x++) values[to++] = levels[row[(x * 3) + channel]];
            }
        }

        return values;
    }

    /// <summary>The numbers.</summary>
    public override string ToString() => $"mean {string.Join(' ', Mean)} deviation {string.Join(' ', Deviation)}";
}
