using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Inspection;
using Spectre.Console;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo inspect PATH</c>: what a checkpoint, a model directory or a weights file holds.</summary>
internal static class InspectCommand
{
    // Where nobody's terminal is, a hash or a name must not be broken into two lines.
    private const int WidthOfFiles = 400;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> path = new("PATH") { Description = "A checkpoint directory, a model directory in diffusers layout, or a .safetensors file." };
        Option<bool> tensors = new("--tensors") { Description = "List every tensor with its type and shape." };
        Command command = new("inspect", "Say what a checkpoint, a model directory or a safetensors file holds; hashes of checkpoints are verified.") { path, tensors };
        command.SetAction(parsed => Inspect(parsed.GetRequiredValue(path), parsed.GetValue(tensors)));
        return command;
    }

    private static int Inspect(string path, bool withTensors)
    {
        IInspector inspector = Inspectors.All.FirstOrDefault(one => one.Recognises(path)) ?? throw new RunException(
            Path.Exists(path) ? ExitClass.UserError : ExitClass.InputMissing,
            Path.Exists(path)
                ? $"{path}: neither a checkpoint (manifest.json), nor a model directory (model_index.json), nor a .safetensors file; a run has its checkpoints in checkpoints/step-… and its model in model"
                : $"{path}: no such file or directory");
        AnsiConsole.Profile.Width = Console.IsOutputRedirected ? WidthOfFiles : TextWidth.OfOutput;
        foreach (Table table in inspector.Inspect(path, withTensors)) AnsiConsole.Write(table);
        return (int)ExitClass.Succeeded;
    }
}
