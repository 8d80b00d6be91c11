using DiffusionDpo.Cli.Fields;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed class ExplainTests
{
    [Fact]
    public void A_field_is_explained() => Assert.Equal(
        [
            "data.flip",
            "  none | pair | image",
            "  Random horizontal flips (p = 0.5). Preset: one draw per pair, except",
            "  salesforce (one per image).",
            "  none: Never.",
            "  pair: Winner and loser share one draw.",
            "  image: One draw per image.",
        ],
        DdpoProcess.Run("explain", "spec.data.flip").Ended(0).Output);

    [Theory]
    [InlineData("learningRate", "optimizer.learningRate")]
    [InlineData("training.step", "training.steps")]
    [InlineData("uri", "data.sources[].uri")]
    public void A_field_that_is_not_there_has_a_neighbour(string wrong, string meant) =>
        Assert.Equal($"error: there is no field {wrong}; did you mean {meant}?", DdpoProcess.Run("explain", wrong).Ended(64).OneError());

    [Fact]
    public void A_section_is_explained_with_all_its_fields_and_without_one_everything_is()
    {
        string[] names = [.. DdpoProcess.Run("explain", "checkpoints").Ended(0).Output.Where(line => !line.StartsWith(' '))];
        Assert.Equal(["checkpoints", "checkpoints.everySteps", "checkpoints.keep", "checkpoints.uri", "checkpoints.gracePeriodSeconds"], names);
        Assert.Equal(FieldCatalog.All.Select(field => field.Path), DdpoProcess.Run("explain").Ended(0).Output.Where(line => !line.StartsWith(' ')));
    }

    [Fact]
    public void Every_field_has_a_meaning() => Assert.All(FieldCatalog.All, field => Assert.True(field.Summary.Length > 3, field.Path));

    /// <summary>docs/run-file.md is written by <c>ddpo explain --markdown</c>; run it again after a change of the types.</summary>
    [Fact]
    public void The_documentation_of_the_run_file_lists_every_field_as_its_type_has_it()
    {
        string page = File.ReadAllText(Repository.Path("docs", "run-file.md"));
        Assert.Contains(FieldTable.Markdown(), page, StringComparison.Ordinal);
    }
}
