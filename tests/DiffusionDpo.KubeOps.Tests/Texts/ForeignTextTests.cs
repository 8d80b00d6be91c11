using System.Text;
using CsCheck;
using DiffusionDpo.KubeOps.Texts;

namespace DiffusionDpo.KubeOps.Tests.Texts;

public sealed class ForeignTextTests
{
    [Theory]
    [InlineData("a\r\n\tb\0 \u202ec", "a b c")]
    [InlineData("\n\n", "")]
    [InlineData("漢字 😀", "漢字 😀")]
    [InlineData("12345678901", "123456789…")]
    [InlineData("12345678😀1", "12345678…")]
    public void A_text_is_put_on_one_line_that_fits(string text, string expected) => Assert.Equal(expected, ForeignText.OneLine(text, 10));

    [Fact]
    public void Half_a_character_is_replaced() => Assert.Equal("\ufffdx", ForeignText.OneLine(['\ud800', 'x'], 10));

    [Theory]
    [InlineData("first\nlast\n\n", "last")]
    [InlineData("only", "only")]
    [InlineData("said\r\n\u001b\n \n", "said")]
    [InlineData("", "")]
    public void The_last_line_is_the_last_that_says_something(string text, string expected) => Assert.Equal(expected, ForeignText.LastLine(text, 10));

    [Fact]
    public void Whatever_comes_in_what_comes_out_is_bounded_visible_and_stays_as_it_is() => Gen.Select(Gen.String, Gen.Int[2, 50]).Sample(
        (text, most) =>
        {
            var line = ForeignText.OneLine(text, most);
            Assert.InRange(line.Length, 0, most);
            Assert.DoesNotContain(line, char.IsControl);
            Assert.Equal(line, ForeignText.OneLine(line, most));
            // No half characters: UTF-8 has bytes for all of it.
            new UTF8Encoding(false, true).GetBytes(line);
        },
        iter: 20_000,
        threads: 1);
}
