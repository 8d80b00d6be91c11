using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.PickAPic;
using Shapes.Drawing;
using Shapes.Judging;
using Shapes.Preferences;
using Xunit;

namespace Shapes.Tests;

public sealed class PreferenceDataTests
{
    [Fact]
    public void Warm_beats_cold_as_often_as_the_taste_says()
    {
        Share warmWins = WarmWins(PreferenceData.Taste);
        Assert.InRange(1 / (1 + Math.Exp(-PreferenceData.Taste)), warmWins.Low, warmWins.High);
    }

    [Fact]
    public void Shuffled_labels_know_no_taste()
    {
        Share warmWins = WarmWins(0);
        Assert.InRange(0.5, warmWins.Low, warmWins.High);
    }

    [Fact]
    public void Shuffling_changes_labels_and_nothing_else()
    {
        PickAPicRecord[] known = [.. PreferenceData.Pairs(50, 1, PreferenceData.Taste)], shuffled = [.. PreferenceData.Pairs(50, 1, 0)];
        Assert.All(known.Zip(shuffled), pair => Assert.True(pair.First.Image0!.SequenceEqual(pair.Second.Image0!) && pair.First.Image1!.SequenceEqual(pair.Second.Image1!)));
        Assert.NotEqual(known.Select(pair => pair.Label0), shuffled.Select(pair => pair.Label0));
    }

    private static Share WarmWins(double taste)
    {
        var mixed = PreferenceData.Pairs(300, 8, taste)
            .Select(pair => (First: IsWarm(pair.Image0!), Second: IsWarm(pair.Image1!), FirstWins: pair.Label0 == 1))
            .Where(pair => pair.First != pair.Second).ToList();
        return new Share(mixed.Count(pair => pair.First == pair.FirstWins), mixed.Count);
    }

    private static bool IsWarm(byte[] jpeg) => PixelJudge.Look(ImageDecoder.Decode(jpeg)).Color!.Value.IsWarm();
}
