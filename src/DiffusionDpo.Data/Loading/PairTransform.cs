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
        var (flips, crops) = (place.Draw(DrawPurpose.Flip), place.Draw(DrawPurpose.Crop));
        var mirrorWinner = Flip != FlipMode.None && flips.NextDouble() < 0.5;
        var mirrorLoser = Flip == FlipMode.Image ? flips.NextDouble() < 0.5 : mirrorWinner;
        return (Cut(winner, crops, mirrorWinner), Cut(loser, crops, mirrorLoser));
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
