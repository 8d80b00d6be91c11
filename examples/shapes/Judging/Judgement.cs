using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;
using Shapes.Drawing;
using Shapes.Preferences;

namespace Shapes.Judging;

/// <summary>What the judge saw in many images.</summary>
/// <param name="RightShape">Images that clearly show the shape that was asked for.</param>
/// <param name="Warm">Images whose ink is of a warm colour.</param>
/// <param name="Colors">Images by their ink's colour, those with nothing but paper left out; whether a model keeps to one colour shows here.</param>
internal sealed record Judgement(Share RightShape, Share Warm, IReadOnlyList<(ShapeColor Color, int Count)> Colors)
{
    private const long Seed = 99;

    /// <summary>Looks at images.</summary>
    /// <param name="images">What was asked for, and what came.</param>
    public static Judgement Of(IReadOnlyList<(ShapeKind Asked, RgbImage Image)> images)
    {
        List<(ShapeKind Asked, Verdict Seen)> verdicts = [.. images.AsParallel().AsOrdered().Select(one => (one.Asked, PixelJudge.Look(one.Image)))];
        return new(
            new Share(verdicts.Count(one => one.Seen.Kind == one.Asked), verdicts.Count),
            new Share(verdicts.Count(one => one.Seen.Color?.IsWarm() is true), verdicts.Count),
            [.. Enum.GetValues<ShapeColor>().Select(color => (color, verdicts.Count(one => one.Seen.Color == color)))]);
    }

    /// <summary>How often the judge names both shape and colour of drawings like those of the data.</summary>
    /// <param name="drawings">How many it is shown.</param>
    public static Share OwnAccuracy(int drawings) => new(
        Enumerable.Range(0, drawings).AsParallel().Count(index =>
        {
            Shape drawing = PreferenceData.Draw((ShapeKind)(index % 3), new CounterRandom(Seed, 0, index, DrawPurpose.Synthesis));
            return PixelJudge.Look(new RgbImage(drawing.Draw(PreferenceData.Side), PreferenceData.Side, PreferenceData.Side)) == new Verdict(drawing.Kind, drawing.Color);
        }),
        drawings);
}
