using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo validate FILE…</c>: everything that is wrong with fine-tunes, at once.</summary>
internal static class ValidateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> files = new("FILE")
        {
            Description = "Fine-tune files (YAML). Every problem is reported as FILE:LINE:COLUMN: path: what — remedy.",
            Arity = ArgumentArity.OneOrMore,
        };
        Command command = new("validate", "Check fine-tune files without running anything; exits 78 if any is invalid, 66 if one cannot be read.") { files };
        command.SetAction(parsed => Validate(parsed.GetRequiredValue(files)));
        return command;
    }

    private static int Validate(IReadOnlyList<string> files)
    {
        // Every file is read before anything is said of the exit code: one bad file must not hide the next.
        FailureReport report = new(json: false);
        ExitClass[] outcomes = [.. files.Select(file => Validate(file, report))];
        if (outcomes.Contains(ExitClass.ConfigurationError)) return (int)ExitClass.ConfigurationError;
        return (int)outcomes.FirstOrDefault(outcome => outcome != ExitClass.Succeeded, ExitClass.Succeeded);
    }

    private static ExitClass Validate(string file, FailureReport report)
    {
        try
        {
            FineTuneReading reading = FineTuneYaml.ReadFile(file);
            report.Tell(reading);
            if (reading.FineTune is null) return ExitClass.ConfigurationError;
            Console.Out.WriteLine($"{file}: {Colours.OfOutput.Good("valid")}");
            foreach (string limit in UnsupportedOptions.In(RunPlan.For(reading.FineTune).Stages[0])) Console.Error.WriteLine($"{Colours.OfErrors.Doubtful("warning:")} {file}: {limit}");
            return ExitClass.Succeeded;
        }
        catch (RunException failure)
        {
            report.Tell(failure);
            return failure.ExitClass;
        }
    }
}
