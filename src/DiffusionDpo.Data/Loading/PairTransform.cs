using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Models.Pipelines;

namespace DiffusionDpo.Data.Loading;

/// <summary>How the images of a pair become squares.</summary>
/// <param name="Resolution">Side in pixels.</param>
/// <param name="Crop">Which square.</param>
/// <param name="Flip">How mirrors are drawn.</param>
internal sealed record PairTransform(int Resolution, CropMode Crop, FlipMode Flip)
{
    /// <summary>Winner and loser as squares. Draws come in the order winner, loser; of a crop in the order row, column.</summary>
    public (SquareImage Winner, SquareImage Loser) Apply(RgbImage winner, RgbImage loser, DrawPlace place)
    {
        var crops = place.Draw(DrawPurpose.Crop);
        var mirrored = Mirrors(place);
        return (Cut(winner, crops, mirrored.Winner), Cut(loser, crops, mirrored.Loser));
    }

    /// <summary>Which images of a visit are mirrored.</summary>
    public (bool Winner, bool Loser) Mirrors(DrawPlace place)
    {
        var flips = place.Draw(DrawPurpose.Flip);
        var winner = Flip != FlipMode.None && flips.NextDouble() < 0.5;
        return (winner, Flip == FlipMode.Image ? flips.NextDouble() < 0.5 : winner);
    }

    /// <summary>The sizes that go with an image's middle square.</summary>
    /// <param name="width">Of the image.</param>
    /// <param name="height">Of the image.</param>
    /// <param name="mirrored">Whether it is mirrored.</param>
    public ImageSizes MiddleOf(int width, int height, bool mirrored)
    {
        var resized = SquareTransform.SizeOf(width, height, Resolution);
        var left = SquareTransform.CenterOffset(resized.Width, Resolution);
        var seenLeft = mirrored ? resized.Width - Resolution - left : left;
        return new(height, width, SquareTransform.CenterOffset(resized.Height, Resolution), seenLeft, Resolution, Resolution);
    }

    /// <summary>The middle square of an image.</summary>
    public static float[] Middle(RgbImage image, int resolution, bool mirrored)
    {
        var resized = SquareTransform.ResizeShorterSide(image, resolution);
        var (top, left) = (SquareTransform.CenterOffset(resized.Height, resolution), SquareTransform.CenterOffset(resized.Width, resolution));
        return SquareTransform.ToPixelValues(resized, new Square(top, left, resolution, mirrored));
    }

    private SquareImage Cut(RgbImage image, CounterRandom crops, bool mirrored)
    {
        var resized = SquareTransform.ResizeShorterSide(image, Resolution);
        var (top, left) = Crop == CropMode.Random
            ? (crops.NextInt(resized.Height - Resolution + 1), crops.NextInt(resized.Width - Resolution + 1))
            : (SquareTransform.CenterOffset(resized.Height, Resolution), SquareTransform.CenterOffset(resized.Width, Resolution));
        var seenLeft = mirrored ? resized.Width - Resolution - left : left;
        return new(
            SquareTransform.ToPixelValues(resized, new Square(top, left, Resolution, mirrored)),
            new ImageSizes(image.Height, image.Width, top, seenLeft, Resolution, Resolution));
    }
}

/// <summary>An image as a network sees it.</summary>
/// <param name="Pixels">In [−1, 1]: channel, row, column; 3·R·R.</param>
/// <param name="Sizes">Where it was cut.</param>
internal readonly record struct SquareImage(float[] Pixels, ImageSizes Sizes);
