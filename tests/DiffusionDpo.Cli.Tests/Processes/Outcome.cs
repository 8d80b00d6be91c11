using System.Text.Json.Nodes;
using DiffusionDpo.Api.Failures;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Processes;

/// <summary>How a process ended and what it printed.</summary>
internal sealed record Outcome(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)
{
    /// <summary>The lines of <c>--json</c> output.</summary>
    public IReadOnlyList<JsonNode> Events => [.. Output.Select(line => JsonNode.Parse(line)!)];

    public string AllOutput => string.Join('\n', Output);

    public string AllErrors => string.Join('\n', Errors);

    public Outcome Expect(ExitClass exitClass)
    {
        Assert.True(ExitCode == (int)exitClass, $"exit code {ExitCode} instead of {(int)exitClass}:\n{AllOutput}\n{AllErrors}");
        return this;
    }

    /// <summary>A user's mistake: its exit code, one line that holds all of <paramref name="parts"/>, and nothing for developers.</summary>
    public void ExpectOneLine(ExitClass exitClass, params IEnumerable<string> parts)
    {
        Expect(exitClass);
        Assert.True(Errors.Count == 1, $"not one line:\n{AllErrors}");
        Assert.All(parts, part => Assert.Contains(part, Errors[0]));
        Assert.DoesNotContain("Exception", Errors[0]);
    }
}
