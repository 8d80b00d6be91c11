using DiffusionDpo.Models.Images;

namespace DiffusionDpo.Models.Scorers.Preprocessing;

/// <summary>
/// The transform of OpenAI's CLIP, by which the aesthetic predictor was trained: shorter side resized with PIL's bicubic filter, colours
/// weighted by their opacity, the middle square (half a pixel of surplus goes to the even side), opacity dropped, normalised.
/// </summary>
/// <param name="size">Side of the square.</param>
internal sealed class OpenAiPreprocessing(int size) : IImagePreprocessing
{
    /// <inheritdoc/>
    public int Size => size;

    /// <inheritdoc/>
    public string Description => $"OpenAI CLIP, PIL bicubic, shorter side and square {size}, {PixelNormalization.OpenAi}";

    /// <inheritdoc/>
    public float[] Apply(RgbImage image)
    {
        (int width, int height) = ShorterSide.To(size, image.Width, image.Height);
        RgbImage resized = image.Alpha is { } alpha ? ResizeByOpacity(image, alpha, width, height) : PixelResampler.Resize(image, width, height, ResamplingKernel.Cubic);
        return PixelNormalization.OpenAi.Square(resized, Offset(height), Offset(width), size);
    }

    private int Offset(int length) => (int)Math.Round((length - size) / 2.0, MidpointRounding.ToEven);

    // As PIL does it: multiplied in 8 bits, resized, divided again.
    private static RgbImage ResizeByOpacity(RgbImage image, byte[] alpha, int width, int height)
    {
        byte[] weighted = new byte[image.Pixels.Length], opacity = new byte[image.Pixels.Length];
        for (int i = 0; i < weighted.Length; i++)
        {
            opacity[i] = alpha[i / 3];
            int product = (image.Pixels[i] * alpha[i / 3]) + 128;
            weighted[i] = (byte)(((product >> 8) + product) >> 8);
        }

        RgbImage colours = Resize(weighted);
        byte[] resizedOpacity = Resize(opacity).Pixels;
        byte[] pixels = [.. colours.Pixels.Select((level, i) => resizedOpacity[i] is 0 or 255 ? level : (byte)Math.Min(255, level * 255 / resizedOpacity[i]))];
        return colours with { Pixels = pixels };

        RgbImage Resize(byte[] levels) => PixelResampler.Resize(new(levels, image.Width, image.Height), width, height, ResamplingKernel.Cubic);
    }
}
