using System.Text.Json.Nodes;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.BadInput;

public sealed class BadInputTests(UninterruptedRun uninterrupted)
{
    public static TheoryData<string> Names => [.. BadInputs.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Bad_input_gets_one_clear_line_and_leaves_nothing(string name)
    {
        BadInputCase bad = BadInputs.All[name];
        using Workspace workspace = new();
        workspace.Write(bad.Arrange(workspace, uninterrupted.FineTune));
        Outcome outcome = DdpoProcess.Run("run", workspace.File, "--json").Ended(bad.ExitCode);

        string error = outcome.OneError();
        Assert.All(bad.Says, words => Assert.Contains(words.Replace("WORK", workspace.Path, StringComparison.Ordinal), error, StringComparison.Ordinal));
        JsonObject told = Assert.Single(outcome.EventsOf("error"));
        Assert.Equal(bad.ExitCode, (int)told["code"]!);
        Assert.Contains((string)told["message"]!, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.Run), "the run's directory was left behind");
        Assert.Empty(workspace.HalfWritten());
    }
}
