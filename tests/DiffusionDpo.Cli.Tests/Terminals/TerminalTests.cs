using System.Text.RegularExpressions;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Terminals;

public sealed partial class TerminalTests(UninterruptedRun uninterrupted)
{
    private const string Red = "\u001b[1;31m", Yellow = "\u001b[1;33m", Green = "\u001b[1;32m";

    [Fact]
    public void An_error_is_red_on_a_terminal_and_nowhere_else()
    {
        Assert.Contains($"{Red}error:\u001b[0m unknown command 'rum'", Terminal.Show("rum"), StringComparison.Ordinal);
        Assert.StartsWith("error: unknown command 'rum'", DdpoProcess.Run("rum").OneError(), StringComparison.Ordinal);
    }

    [Fact]
    public void Verdicts_are_green_and_warnings_yellow()
    {
        Assert.Contains($"{Green}valid", Terminal.Show($"validate {uninterrupted.File}"), StringComparison.Ordinal);
        using Workspace workspace = new Workspace().Write(uninterrupted.FineTune.ToYaml().Replace("seed: 7", "seed: 7, device: cuda", StringComparison.Ordinal));
        Assert.Contains($"{Yellow}warning:", Terminal.Show($"validate {workspace.File}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NO_COLOR", "1")]
    [InlineData("TERM", "dumb")]
    public void Who_wants_no_colours_gets_none(string name, string value)
    {
        foreach (string command in (string[])["rum", "run --help", $"validate {uninterrupted.File}", $"inspect {uninterrupted.Model}", $"run {uninterrupted.File} --dry-run"])
            Assert.DoesNotMatch(Colour(), Terminal.Show(command, 100, (name, value)));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(120)]
    public void A_terminal_s_own_width_is_used(int width)
    {
        string[] lines = [.. Escapes().Replace(Terminal.Show("run --help", width), "").Split('\n').Select(line => line.TrimEnd('\r'))];
        Assert.InRange(lines.Max(line => line.Length), (width * 3 / 4) + 1, width);
    }

    [Fact]
    public void Progress_at_60_columns_stays_on_its_line()
    {
        using Workspace workspace = uninterrupted.Again();
        string shown = Terminal.Show($"run {workspace.File}", 60);
        string[] steps = [.. Escapes().Replace(shown, "").Split('\r', '\n').Where(line => line.StartsWith("train  ", StringComparison.Ordinal) && line.Contains(" step ", StringComparison.Ordinal))];
        Assert.Contains(steps, line => line.Contains($"step {UninterruptedRun.Steps}/{UninterruptedRun.Steps}", StringComparison.Ordinal));
        Assert.All(steps, line => Assert.InRange(line.Length, 30, 59));
    }

    [GeneratedRegex(@"\e\[[0-9;]*[3-9][0-9;]*m")]
    private static partial Regex Colour();

    [GeneratedRegex(@"\e\[[0-9;?]*[a-zA-Z]|\e=|\e>")]
    private static partial Regex Escapes();
}
