using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Processes;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Processes;

public sealed class CommandLineTests
{
    public static TheoryData<ExitClass> Failures => [.. Enum.GetValues<ExitClass>().Where(each => each != ExitClass.Succeeded)];

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failure_exits_with_the_code_of_its_class(ExitClass exitClass) =>
        Assert.Equal((int)exitClass, CommandLine.Guard(() => throw new RunException(exitClass, "on purpose"), new FailureReport(json: false)));

    [Fact]
    public void A_defect_exits_with_the_code_of_software_errors() =>
        Assert.Equal(70, CommandLine.Guard(() => throw new InvalidOperationException("on purpose"), new FailureReport(json: false)));

    [Fact]
    public void An_action_that_succeeds_exits_with_its_own_code() => Assert.Equal(5, CommandLine.Guard(() => 5, new FailureReport(json: false)));

    [Fact]
    public void Neither_help_nor_the_version_is_a_usage_error()
    {
        RootCommand root = new() { new Command("go") { new Argument<string>("FILE") } };
        Assert.Empty(UsageErrors.Of(root.Parse(["go", "--help"])));
        Assert.Empty(UsageErrors.Of(root.Parse(["--version"])));
        Assert.NotEmpty(UsageErrors.Of(root.Parse(["go"])));
    }
}
