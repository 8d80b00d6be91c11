using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;

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
        Command command = new("validate", "Check fine-tune files without running anything; exits 78 if any is invalid.\n\nExample:\n  ddpo validate finetune.yaml") { files };
        command.SetAction(parsed => Validate(parsed.GetRequiredValue(files)));
        return command;
    }

    private static int Validate(IReadOnlyList<string> files)
    {
        // Every file is read before anything is said of the exit code: one bad file must not hide the next.
        int invalid = files.Count(file => !IsValid(file));
        return (int)(invalid == 0 ? ExitClass.Succeeded : ExitClass.ConfigurationError);
    }

    private static bool IsValid(string file)
    {
        FineTuneReading reading = FineTuneYaml.ReadFile(file);
        foreach (string line in reading.Describe()) Console.Error.WriteLine(line);
        if (reading.FineTune is not null) Console.Out.WriteLine($"{file}: valid");
        return reading.FineTune is not null;
    }
}
