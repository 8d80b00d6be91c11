using DiffusionDpo.Operator.Reconciling;

namespace DiffusionDpo.Operator.Tests.Reconciling;

public sealed class SharedTextTests
{
    [Fact]
    public void Equal_texts_become_one_until_there_are_too_many_to_keep()
    {
        Assert.Null(SharedText.Of(null));
        Assert.Same(SharedText.Of(Fresh("the run is complete")), SharedText.Of(Fresh("the run is complete")));
        for (var number = 0; number < 10_000; number++) Assert.Equal($"message {number}", SharedText.Of($"message {number}"));
        Assert.NotSame(SharedText.Of(Fresh("one too many")), SharedText.Of(Fresh("one too many")));
        Assert.Same(SharedText.Of(Fresh("the run is complete")), SharedText.Of(Fresh("the run is complete")));
    }

    private static string Fresh(string text) => new([.. text]);
}
