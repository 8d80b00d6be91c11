using System.CommandLine;
using DiffusionDpo.Cli.Commands;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Models.Native;

HostAllocator.KeepFreedMemory();
return CommandLine.Run(Commands(), args);

/// <summary>The program <c>ddpo</c>.</summary>
internal static partial class Program
{
    /// <summary>All commands, in the order of the help.</summary>
    public static RootCommand Commands() => new("Diffusion-DPO fine-tuning of text-to-image models: one YAML, one command.")
    {
        InitCommand.Create(),
        ValidateCommand.Create(),
        RunCommand.Create(),
        PrepareCommand.Create(),
        ExportCommand.Create(),
        SampleCommand.Create(),
        ScoreCommand.Create(),
        ReportCommand.Create(),
        InspectCommand.Create(),
        ConvertCommand.Create(),
        ExplainCommand.Create(),
        TrainCommand.Create(),
        CompletionsCommand.Create(),
    };
}
