using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Cli.Stages;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo export FILE</c>: the model of a fine-tune's newest checkpoint.</summary>
internal static class ExportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "The fine-tune (YAML, kind DpoFineTune) whose checkpoints are there." };
        Option<bool> json = new(TrainerOptions.JsonName) { Description = "Progress and errors as one JSON object per line." };
        Command command = new(
            "export",
            "Write the model of a fine-tune's newest checkpoint to output.uri, with its card, samples and report: the last stage of `ddpo run` alone, also of a run that was stopped.") { file, json };
        command.SetAction(parsed =>
        {
            FineTuneReading reading = FineTuneYaml.ReadFile(parsed.GetRequiredValue(file));
            FailureReport.For(parsed).Tell(reading);
            if (reading.FineTune is not { } fineTune) return (int)ExitClass.ConfigurationError;
            Export(fineTune, parsed.GetValue(json));
            return (int)ExitClass.Succeeded;
        });
        return command;
    }

    private static void Export(DpoFineTune fineTune, bool json)
    {
        TimeProvider time = TimeProvider.System;
        RunFile file = RunPlan.For(fineTune).Stages.Single(stage => stage.Stage == Stage.Export);
        using RunDirectory directory = RunDirectory.Open(file);
        using IRunDisplay screen = RunDisplays.For(json, time);
        using EventLog log = directory.OpenLog(time);
        BothDisplays display = new(screen, log);
        using StopSignal signal = new(text => display.Show(Notice.Of("stop", text)), display.Dispose);
        StageRunners.Execute(file, new StageContext { Display = display, Log = log, Time = time, Stop = signal.Token }, directory);
    }
}
