using CsCheck;
using DiffusionDpo.Models.Tokenizers;
using Xunit;

namespace DiffusionDpo.Models.Tests.Tokenizers;

public sealed class CanonicalCompositionTests
{
    [Theory]
    [InlineData("cafe\u0301", "caf\u00E9")]
    [InlineData("a\u0302\u0323", "\u1EAD")] // marks are sorted before they are composed
    [InlineData("a\u0323\u0302", "\u1EAD")]
    [InlineData("a\u0305\u0301", "a\u0305\u0301")] // a mark of the same class blocks the second
    [InlineData("\u212B\u2126", "\u00C5\u03A9")] // singletons are replaced
    [InlineData("\u0958", "\u0915\u093C")] // excluded from composition
    [InlineData("\u1100\u1161\u11A8\uAC00\u11A8", "\uAC01\uAC01")] // Hangul
    [InlineData("\u1100\u1161\u0301\u11A8", "\uAC00\u0301\u11A8")]
    [InlineData("\uD834\uDD5E", "\uD834\uDD57\uD834\uDD65")] // outside the basic plane
    [InlineData("\u0301e\u0301", "\u0301\u00E9")] // a mark without a base
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    public void Text_is_brought_to_form_C(string text, string expected) => Assert.Equal(expected, CanonicalComposition.Normalize(text));

    [Fact]
    public void Half_a_surrogate_pair_becomes_the_replacement_character() =>
        Assert.Equal("x\uFFFDy\uFFFD", CanonicalComposition.Normalize("x\uD800y\uDC00"));

    [Fact]
    public void Form_C_is_its_own_form_C() => Gen.Char.Array[0, 20].Select(characters => new string(characters)).Sample(text =>
    {
        string once = CanonicalComposition.Normalize(text);
        return CanonicalComposition.Normalize(once) == once;
    });
}
