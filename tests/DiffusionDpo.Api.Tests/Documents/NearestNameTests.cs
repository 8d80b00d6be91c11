using CsCheck;
using DiffusionDpo.Api.Documents;

namespace DiffusionDpo.Api.Tests.Documents;

public sealed class NearestNameTests
{
    private static readonly string[] Names = ["steps", "globalBatch", "microBatch", "seed", "precision", "device", "objective"];

    [Theory]
    [InlineData("step", "steps")]
    [InlineData("stpes", "steps")]
    [InlineData("globalbatch", "globalBatch")]
    [InlineData("globalBatchSize", "globalBatch")]
    [InlineData("precison", "precision")]
    [InlineData("xylophone", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_the_one_with_the_fewest_edits(string written, string? meant) => Assert.Equal(meant, NearestName.Of(written, Names));

    [Fact]
    public void A_name_is_nearest_to_itself() => Gen.Int[0, Names.Length - 1].Select(i => Names[i]).Sample(name => Assert.Equal(name, NearestName.Of(name, Names)));

    [Fact]
    public void Any_text_is_looked_up_without_harm() => Gen.String.Sample(text => NearestName.Of(text, Names) is null or { Length: > 0 });
}
