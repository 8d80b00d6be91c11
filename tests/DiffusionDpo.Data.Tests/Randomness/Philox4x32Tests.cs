using DiffusionDpo.Data.Randomness;
using Xunit;

namespace DiffusionDpo.Data.Tests.Randomness;

public sealed class Philox4x32Tests
{
    // The known answers that Random123 publishes for philox4x32, 10 rounds: counter, key, block.
    [Theory]
    [InlineData("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8")]
    [InlineData("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd")]
    [InlineData("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1")]
    public void Published_vectors_are_reproduced(string counter, string key, string expected)
    {
        var k = Words(key);
        Assert.Equal(Block(expected), Philox4x32.Block(Block(counter), (k[0], k[1])));
    }

    private static PhiloxBlock Block(string text)
    {
        var w = Words(text);
        return new PhiloxBlock(w[0], w[1], w[2], w[3]);
    }

    private static uint[] Words(string text) => [.. text.Split(' ').Select(word => Convert.ToUInt32(word, 16))];
}
