using DiffusionDpo.Data.Loading;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Data.Tests.Loading;

public sealed class CaptionDropoutTests
{
    [Fact]
    [Trait("Category", "Parity")]
    public void Every_case_of_the_reference_is_reproduced()
    {
        using var goldens = Goldens.Json("dpo", "caption_dropout.json");
        foreach (var example in goldens.RootElement.GetProperty("cases").EnumerateArray())
        {
            var proportion = example.GetProperty("proportion_empty_prompts").GetDouble();
            var draws = example.GetProperty("uniform_draws").EnumerateArray().Select(draw => draw.GetDouble());
            var captions = example.GetProperty("captions").EnumerateArray().Select(caption => caption.GetString()!);
            var expected = example.GetProperty("result").EnumerateArray().Select(caption => caption.GetString()!);
            Assert.Equal(expected, captions.Zip(draws, (caption, draw) => CaptionDropout.Apply(caption, draw, proportion)));
        }
    }

    [Fact]
    public void A_draw_equal_to_the_proportion_keeps_the_caption()
    {
        Assert.Equal("fox", CaptionDropout.Apply("fox", 0.2, 0.2));
        Assert.Equal("", CaptionDropout.Apply("fox", Math.BitDecrement(0.2), 0.2));
        Assert.Equal("fox", CaptionDropout.Apply("fox", 0, 0));
    }

    [Fact]
    public void The_share_of_dropped_captions_is_the_proportion()
    {
        var dropped = Enumerable.Range(0, 20_000).Count(i => CaptionDropout.Apply("fox", 0.2, new DrawPlace(3, 0, i)).Length == 0);
        Assert.InRange(dropped, 4000 - 300, 4000 + 300);
    }
}
