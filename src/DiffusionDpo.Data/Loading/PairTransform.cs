using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;

namespace DiffusionDpo.Data.Loading;

/// <summary>How the images of a pair become squares.</summary>
/// <param name="Resolution">Side in pixels.</param>
/// <param name="Crop">Which square.</param>
/// <param name="Flip">How mirrors are drawn.</param>
internal sealed record PairTransform(int Resolution, CropMode Crop, FlipMode Flip)
{
    /// <summary>The pixels of winner and loser. Draws come in the order winner, loser; of a crop in the order row, column.</summary>
    public (float[] Winner, float[] Loser) Apply(RgbImage winner, RgbImage loser, DrawPlace place)
    {
        var (flips, crops) = (place.Draw(DrawPurpose.Flip), place.Draw(DrawPurpose.Crop));
        var mirrorWinner = Flip != FlipMode.None && flips.NextDouble() < 0.5;
        var mirrorLoser = Flip == FlipMode.Image ? flips.NextDouble() < 0.5 : mirrorWinner;
        return (Cut(winner, crops, mirrorWinner), Cut(loser, crops, mirrorLoser));
    }

    private float[] Cut(RgbImage image, CounterRandom crops, bool mirrored)
    {
        var resized = SquareTransform.ResizeShorterSide(image, Resolution);
        var (top, left) = Crop == CropMode.Random
            ? (crops.NextInt(resized.Height - Resolution + 1), crops.NextInt(resized.Width - Resolution + 1))
            : (SquareTransform.CenterOffset(resized.Height, Resolution), SquareTransform.CenterOffset(resized.Width, Resolution));
        return SquareTransform.ToPixelValues(resized, new Square(top, left, Resolution, mirrored));
    }
}
