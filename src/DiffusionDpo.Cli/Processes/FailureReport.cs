using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Display;

namespace DiffusionDpo.Cli.Processes;

/// <summary>Tells a failure: one line on standard error for people, and with <c>--json</c> one event on standard output for machines.</summary>
/// <param name="text">For people.</param>
/// <param name="json">For machines; null where none listens.</param>
/// <param name="time">The clock of the events.</param>
internal sealed class FailureReport(TextWriter text, TextWriter? json, TimeProvider time)
{
    /// <summary>The report of this process.</summary>
    /// <param name="parsed">Its command line.</param>
    public static FailureReport For(ParseResult parsed) =>
        new(Console.Error, parsed.GetResult("--json") is null ? null : Console.Out, TimeProvider.System);

    /// <summary>Tells why the process ends.</summary>
    /// <param name="failure">The failure.</param>
    public void Write(RunException failure)
    {
        string name = failure.ExitClass == ExitClass.PreemptedSaved ? "stopped" : "error";
        text.WriteLine($"{name}: {failure.Message}");
        WriteEvent(name, failure.ExitClass, failure.Message);
    }

    /// <summary>Tells one problem of a fine-tune's file.</summary>
    /// <param name="problem">File, line, column, path, what and remedy.</param>
    public void WriteProblem(string problem)
    {
        text.WriteLine(problem);
        WriteEvent("error", ExitClass.ConfigurationError, problem);
    }

    private void WriteEvent(string name, ExitClass exitClass, string message)
    {
        if (json is null) return;
        using JsonDisplay events = new(json, time);
        events.Show(new Notice(name, message, new Dictionary<string, object?>
        {
            ["class"] = $"{exitClass}",
            ["code"] = (int)exitClass,
            ["message"] = message,
        }));
    }
}
