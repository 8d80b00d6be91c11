using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;

namespace DiffusionDpo.Data.Tests.Images;

/// <summary>Images for tests: a smooth gradient with a little noise.</summary>
internal static class Drawing
{
    public static RgbImage Of(int width, int height, int number = 0)
    {
        var random = new CounterRandom(1, 0, number, DrawPurpose.Synthesis);
        var (slopeX, slopeY, pixels) = (random.NextInt(200), random.NextInt(200), new byte[width * height * 3]);
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)((slopeX * (i / 3 % width) / width) + (slopeY * (i / 3 / width) / height / 4) + random.NextInt(4) + (i % 3));
        return new RgbImage(pixels, width, height);
    }
}
