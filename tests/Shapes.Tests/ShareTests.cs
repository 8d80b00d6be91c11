using Shapes.Judging;
using Xunit;

namespace Shapes.Tests;

public sealed class ShareTests
{
    // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Interval_is_Wilsons(int count, int of, double low, double high)
    {
        Share share = new(count, of);
        Assert.Equal(low, share.Low, 4);
        Assert.Equal(high, share.High, 4);
    }
}
