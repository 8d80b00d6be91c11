using System.CommandLine;
using DiffusionDpo.Cli.Commands;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Models.Native;

HostAllocator.KeepFreedMemory();

RootCommand root = new("Diffusion-DPO fine-tuning of text-to-image models: one YAML, one command.")
{
    RunCommand.Create(),
    ValidateCommand.Create(),
    TrainCommand.Create(),
    SampleCommand.Create(),
    InspectCommand.Create(),
    ReportCommand.Create(),
};

return CommandLine.Run(root, args);
