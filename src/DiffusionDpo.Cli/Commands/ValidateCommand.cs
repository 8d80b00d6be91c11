using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Places;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Training.Memory;
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
        Option<bool> plan = new("--plan") { Description = "Also estimate the memory that each run takes, part by part; its model is on this machine." };
        Command command = new("validate", "Check fine-tune files without running anything; exits 78 if any is invalid, 66 if one cannot be read.") { files, plan };
        command.SetAction(parsed => Validate(parsed.GetRequiredValue(files), parsed.GetValue(plan)));
        return command;
    }

    private static int Validate(IReadOnlyList<string> files, bool plans)
    {
        // Every file is read before anything is said of the exit code: one bad file must not hide the next.
        FailureReport report = new(json: false);
        ExitClass[] outcomes = [.. files.Select(file => Validate(file, plans, report))];
        if (outcomes.Contains(ExitClass.ConfigurationError)) return (int)ExitClass.ConfigurationError;
        return (int)outcomes.FirstOrDefault(outcome => outcome != ExitClass.Succeeded, ExitClass.Succeeded);
    }

    private static ExitClass Validate(string file, bool plans, FailureReport report)
    {
        try
        {
            FineTuneReading reading = FineTuneYaml.ReadFile(file);
            report.Tell(reading);
            if (reading.FineTune is null) return ExitClass.ConfigurationError;
            Console.Out.WriteLine($"{file}: {Colours.OfOutput.Good("valid")}");
            RunFile run = RunPlan.For(reading.FineTune).Stages[0];
            string[] limits = [.. UnsupportedOptions.In(run)];
            foreach (string limit in limits) Warn(file, limit);
            if (plans && limits.Length == 0) Plan(file, run);
            return ExitClass.Succeeded;
        }
        catch (RunException failure)
        {
            report.Tell(failure);
            return failure.ExitClass;
        }
    }

    // Whether it fits is a question to the machine that is to run it: here it is no error.
    private static void Plan(string file, RunFile run)
    {
        MemoryVerdict verdict = MemoryVerdict.Of(run, BaseModel.PathOf(run, display: null, CancellationToken.None));
        Console.Out.WriteLine("  memory:");
        foreach (string line in MemoryTable.Lines(verdict.Plan, verdict.Available)) Console.Out.WriteLine($"    {line}");
        if (verdict.IsClose) Warn(file, $"memory: {verdict.Shortage()}");
    }

    private static void Warn(string file, string what) => Console.Error.WriteLine($"{Colours.OfErrors.Doubtful("warning:")} {file}: {what}");
}
