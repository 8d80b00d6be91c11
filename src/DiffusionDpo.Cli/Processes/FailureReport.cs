using System.CommandLine;
using System.CommandLine.Parsing;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Validation;
using DiffusionDpo.Cli.Display;

namespace DiffusionDpo.Cli.Processes;

/// <summary>Tells failures: one line each on standard error and, where JSON lines were asked for, one event each on standard output.</summary>
/// <param name="json">JSON lines were asked for.</param>
internal sealed class FailureReport(bool json)
{
    /// <summary>The report that fits a command line.</summary>
    /// <param name="parsed">The command line.</param>
    public static FailureReport For(ParseResult parsed) =>
        new(parsed.GetResult(Commands.TrainerOptions.JsonName) is OptionResult asked && asked.GetValueOrDefault<bool>());

    /// <summary>Tells why a run ended.</summary>
    /// <param name="failure">Why.</param>
    public void Tell(RunException failure)
    {
        bool stopped = failure.ExitClass == ExitClass.PreemptedSaved;
        Say(stopped ? failure.Message : $"{Colours.OfErrors.Bad("error:")} {failure.Message}");
        if (Environment.GetEnvironmentVariable("DDPO_DEBUG") == "1") Say(failure);
        TellEvent(stopped ? "stopped" : "error", failure.ExitClass.ToString(), (int)failure.ExitClass, failure.Message, []);
    }

    /// <summary>Tells everything that is wrong with a fine-tune's file, as FILE:LINE:COLUMN: path: what — remedy.</summary>
    /// <param name="reading">What came of reading it.</param>
    public void Tell(FineTuneReading reading)
    {
        foreach (ValidationError error in reading.Errors)
        {
            string place = error.Line > 0 ? $"{reading.File}:{error.Line}:{error.Column}:" : $"{reading.File}:";
            Say($"{Colours.OfErrors.Bad(place)} {error.Describe()}");
            TellEvent("error", nameof(ExitClass.ConfigurationError), (int)ExitClass.ConfigurationError, error.Message, new()
            {
                ["file"] = reading.File, ["line"] = error.Line, ["column"] = error.Column, ["path"] = error.Path,
            });
        }
    }

    /// <summary>Tells of a defect of this program, with all that its authors need.</summary>
    /// <param name="defect">What was thrown.</param>
    public void Tell(Exception defect)
    {
        Say($"{Colours.OfErrors.Bad("internal error, please report it:")} {defect}");
        TellEvent("error", nameof(ExitClass.InternalError), (int)ExitClass.InternalError, defect.Message, []);
    }

    private void TellEvent(string name, string exitClass, int code, string message, Dictionary<string, object?> place)
    {
        if (!json) return;
        Dictionary<string, object?> fields = new() { ["class"] = exitClass, ["code"] = code, ["message"] = message };
        foreach ((string key, object? value) in place) fields[key] = value;
        Tolerate(() =>
        {
            using JsonDisplay display = new(Console.Out, TimeProvider.System);
            display.Show(new Notice(name, message, fields));
        });
    }

    private static void Say(object line) => Tolerate(() => Console.Error.WriteLine(line));

    // Where nothing can be told any more, the exit code still speaks.
    private static void Tolerate(Action tell)
    {
        try
        {
            tell();
        }
        catch (IOException)
        {
        }
    }
}
