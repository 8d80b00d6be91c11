using System.Text.Json.Nodes;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Processes;

/// <summary>How a process ended and what it said.</summary>
internal sealed record Outcome(int ExitCode, string[] Output, string[] Errors)
{
    /// <summary>The output as what <c>--json</c> promises: an object with time and event on every line.</summary>
    public JsonObject[] Events => [.. Output.Select(Event)];

    public JsonObject[] EventsOf(string name) => [.. Events.Where(each => (string?)each["event"] == name)];

    /// <summary>Expects an exit code; shows everything otherwise.</summary>
    public Outcome Ended(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"expected exit code {exitCode}\n{this}");
        return this;
    }

    /// <summary>Expects exactly one line of error, with no trace of the program's inside.</summary>
    public string OneError()
    {
        Assert.DoesNotContain(Errors, line => line.Contains(" at DiffusionDpo", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
        Assert.True(Errors.Length == 1, $"expected one line of error\n{this}");
        return Errors[0];
    }

    public override string ToString() => $"exit code {ExitCode}\n{string.Join('\n', Output)}\n--- errors\n{string.Join('\n', Errors)}";

    private static JsonObject Event(string line)
    {
        JsonObject happened = Assert.IsType<JsonObject>(JsonNode.Parse(line));
        Assert.NotNull((string?)happened["event"]);
        Assert.True(DateTimeOffset.TryParse((string?)happened["time"], out _), line);
        return happened;
    }
}
