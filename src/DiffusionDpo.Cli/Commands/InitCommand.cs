using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Presets;
using DiffusionDpo.Cli.Starting;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo init</c>: writes a commented fine-tune to begin with.</summary>
internal static class InitCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> family = Choice("--family", "The base model's family", [.. FamilyChoice.All.Select(each => each.Name)]);
        Option<string> storage = Choice("--storage", "Where model, pairs and output are", [.. StorageChoice.All.Select(each => each.Name)]);
        Option<string> preset = Choice("--preset", "What fills the numbers that are left open", [.. PresetList.All.Select(each => Name(each.Name))]);
        Option<string> output = new("--output", "-o") { Description = "The file to write.", DefaultValueFactory = _ => "finetune.yaml", HelpName = "file" };
        Option<bool> force = new("--force") { Description = "Overwrite a file that is there." };
        Command command = new("init", "Write a fine-tune to begin with: a YAML that explains itself. Nothing is asked, so that it works in scripts.") { family, storage, preset, output, force };
        command.SetAction(parsed =>
        {
            FamilyChoice chosen = FamilyChoice.All.Single(each => each.Name == parsed.GetValue(family));
            StorageChoice place = StorageChoice.All.Single(each => each.Name == parsed.GetValue(storage));
            string file = parsed.GetValue(output)!;
            Write(file, new StarterFile(chosen, place, parsed.GetValue(preset)!).Render(Path.GetFileName(file)), parsed.GetValue(force));
            foreach (string line in Next(file, place)) Console.Out.WriteLine(line);
            return (int)ExitClass.Succeeded;
        });
        return command;
    }

    private static Option<string> Choice(string name, string description, string[] values)
    {
        Option<string> option = new(name) { Description = $"{description}: {string.Join(", ", values)}.", DefaultValueFactory = _ => values[0] };
        option.AcceptOnlyFromAmong(values);
        return option;
    }

    private static string Name(PresetName name) => name.ToString().ToLowerInvariant();

    private static void Write(string path, string yaml, bool overwrites)
    {
        if (Directory.Exists(path)) throw new RunException(ExitClass.UserError, $"{path} is a directory; name a file in --output");
        if (!overwrites && File.Exists(path)) throw new RunException(ExitClass.UserError, $"{path} is there already; give --force to overwrite it, or another --output");
        try
        {
            File.WriteAllText(path, yaml);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new RunException(ExitClass.StorageError, $"{path} cannot be written: {cause.Message}; choose another --output", cause);
        }
    }

    private static IEnumerable<string> Next(string file, StorageChoice place) =>
    [
        $"{file}: written",
        "Next:",
        "  1. put your places into model.source, data.sources, data.heldOut and output.uri",
        $"  2. ddpo validate {file}",
        place.Workers.Count == 0 ? $"  3. ddpo run {file} --dry-run" : $"  3. kubectl apply -f {file}",
    ];
}
