using DiffusionDpo.Models.Images;

namespace DiffusionDpo.Models.Scorers.Preprocessing;

/// <summary>
/// HPSv2's evaluation transform: opacity dropped, the longer side resized to the square's by a bicubic filter on fractions of 1 that are not
/// rounded or clamped, the image in the middle of a black square, normalised; nothing is cut off.
/// </summary>
/// <remarks>
/// The original neither resizes nor pads an image whose longer side fits already, and its model cannot take what is not square; here it is padded
/// like any other.
/// </remarks>
/// <param name="size">Side of the square.</param>
/// <param name="antialias">With a filter as wide as the reduction, as torchvision does by default since 0.17; before, by interpolation.</param>
internal sealed class HpsPreprocessing(int size, bool antialias) : IImagePreprocessing
{
    /// <inheritdoc/>
    public int Size => size;

    /// <inheritdoc/>
    public string Description => $"HPSv2, float bicubic{(antialias ? "" : " without antialiasing")}, longer side {size}, black, {PixelNormalization.OpenAi}";

    /// <inheritdoc/>
    public float[] Apply(RgbImage image)
    {
        double scale = size / (double)Math.Max(image.Width, image.Height);
        int width = Scaled(image.Width), height = Scaled(image.Height);
        int left = (size - width) / 2, top = (size - height) / 2;
        float[] resized = FloatResampler.Resize(image, width, height, antialias), values = new float[3 * size * size];
        for (int channel = 0; channel < 3; channel++)
        {
            Span<float> plane = values.AsSpan(channel * size * size, size * size);
            plane.Fill(PixelNormalization.OpenAi.Of(0, channel));
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    plane[((top + y) * size) + left + x] = PixelNormalization.OpenAi.Of(resized[(((channel * height) + y) * width) + x], channel);
        }

        return values;

        int Scaled(int length) => Math.Max(1, (int)Math.Round(length * scale, MidpointRounding.ToEven));
    }
}
