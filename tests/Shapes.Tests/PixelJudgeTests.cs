using DiffusionDpo.Data.Images;
using DiffusionDpo.Models.Images;
using Shapes.Drawing;
using Shapes.Judging;
using Shapes.Preferences;
using Xunit;

namespace Shapes.Tests;

public sealed class PixelJudgeTests
{
    private const int Side = PreferenceData.Side;

    [Fact]
    public void Shape_and_colour_of_at_least_99_in_100_drawings_are_named_right() => Assert.InRange(Judgement.OwnAccuracy(600).Value, 0.99, 1);

    [Fact]
    public void Images_of_the_data_are_judged_as_their_drawings_were()
    {
        var images = PreferenceData.Pairs(100, seed: 1, PreferenceData.Taste)
            .Select(pair => (Enum.GetValues<ShapeKind>().Single(kind => kind.Prompt() == pair.Caption), ImageDecoder.Decode(pair.Image0!)));
        Assert.InRange(Judgement.Of([.. images]).RightShape.Value, 0.99, 1);
    }

    [Fact]
    public void Blank_paper_shows_nothing() => Assert.Equal(new Verdict(null, null), PixelJudge.Look(Paper()));

    [Fact]
    public void Noise_is_no_shape()
    {
        byte[] noise = new byte[Side * Side * 3];
        new Random(3).NextBytes(noise);
        Assert.Null(PixelJudge.Look(new RgbImage(noise, Side, Side)).Kind);
    }

    [Theory]
    [InlineData(ShapeKind.Circle)]
    [InlineData(ShapeKind.Square)]
    [InlineData(ShapeKind.Triangle)]
    public void Two_shapes_are_not_one(ShapeKind kind)
    {
        RgbImage image = Drawing(kind, 0.3, 0.3, 0.2);
        Paste(Drawing(kind, 0.75, 0.75, 0.2), image);
        Assert.Null(PixelJudge.Look(image).Kind);
    }

    [Theory]
    [InlineData(ShapeKind.Circle)]
    [InlineData(ShapeKind.Square)]
    [InlineData(ShapeKind.Triangle)]
    public void Half_a_shape_is_not_that_shape(ShapeKind kind)
    {
        RgbImage image = Drawing(kind, 0.5, 0.5, 0.32);
        Array.Copy(Paper().Pixels, image.Pixels, image.Pixels.Length / 2);
        Assert.NotEqual(kind, PixelJudge.Look(image).Kind);
    }

    [Fact]
    public void A_speck_is_too_small() => Assert.Null(PixelJudge.Look(Drawing(ShapeKind.Circle, 0.5, 0.5, 0.08)).Kind);

    [Fact]
    public void A_colour_that_is_none_of_the_four_makes_no_clear_shape()
    {
        RgbImage image = Drawing(ShapeKind.Square, 0.5, 0.5, 0.3);
        for (int i = 0; i < image.Pixels.Length; i += 3)
            if (image.Pixels[i] < 230) (image.Pixels[i], image.Pixels[i + 1], image.Pixels[i + 2]) = (20, 20, 20);
        Assert.Null(PixelJudge.Look(image).Kind);
    }

    private static RgbImage Drawing(ShapeKind kind, double x, double y, double radius) =>
        new(new Shape(kind, ShapeColor.Red, x, y, radius, 0.1).Draw(Side), Side, Side);

    private static RgbImage Paper() => Drawing(ShapeKind.Circle, 9, 9, 0.1);

    private static void Paste(RgbImage from, RgbImage to)
    {
        for (int i = 0; i < to.Pixels.Length; i++) to.Pixels[i] = Math.Min(from.Pixels[i], to.Pixels[i]);
    }
}
