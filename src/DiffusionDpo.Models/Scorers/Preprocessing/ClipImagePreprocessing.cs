using DiffusionDpo.Models.Images;

namespace DiffusionDpo.Models.Scorers.Preprocessing;

/// <summary>
/// Transformers' <c>CLIPImageProcessor</c> with PIL, which version 4 ran: opacity dropped, shorter side resized with PIL's bicubic filter, the
/// middle square (an odd surplus loses its half to the left and top), normalised. Version 5's default differs by one level at most.
/// </summary>
/// <param name="shorterSide">What the shorter side becomes.</param>
/// <param name="size">Side of the square.</param>
/// <param name="normalization">What becomes of levels.</param>
internal sealed class ClipImagePreprocessing(int shorterSide, int size, PixelNormalization normalization) : IImagePreprocessing
{
    /// <inheritdoc/>
    public int Size => size;

    /// <inheritdoc/>
    public string Description => $"CLIPImageProcessor, PIL bicubic, shorter side {shorterSide}, square {size}, {normalization}";

    /// <inheritdoc/>
    public float[] Apply(RgbImage image)
    {
        RgbImage resized = Resize(image);
        return normalization.Square(resized, (resized.Height - size) / 2, (resized.Width - size) / 2, size);
    }

    /// <summary>The image before the square is cut.</summary>
    public RgbImage Resize(RgbImage image)
    {
        (int width, int height) = ShorterSide.To(shorterSide, image.Width, image.Height);
        return PixelResampler.Resize(image, width, height, ResamplingKernel.Cubic);
    }
}
