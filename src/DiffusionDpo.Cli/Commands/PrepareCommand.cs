using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Cli.Stages;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo prepare FILE</c>: encodes the images and prompts of a fine-tune once, alone or as one of several workers.</summary>
internal static class PrepareCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "The fine-tune (YAML, kind DpoFineTune). Relative paths in it are relative to its own directory." };
        Option<int?> worker = new("--worker") { Description = "Which worker this is, from 0." };
        Option<int?> workers = new("--workers") { Description = "How many workers share the shards, each started by itself. Default: 1." };
        TrainerOptions options = new();
        Command command = new(
            "prepare",
            "Encode every different image and prompt once, to data.cacheUri. Does what is not done yet; run it again after an interruption. "
            + "ddpo run does it too.") { file, worker, workers, options.Port, options.Bind, options.Json, options.Threads };
        command.SetAction(parsed =>
        {
            FineTuneReading reading = FineTuneYaml.ReadFile(parsed.GetRequiredValue(file));
            FailureReport.For(parsed).Tell(reading);
            if (reading.FineTune is not { } fineTune) return (int)ExitClass.ConfigurationError;
            Run(fineTune, WorkerShare.Of(parsed.GetValue(worker) ?? 0, parsed.GetValue(workers) ?? 1), options, parsed);
            return (int)ExitClass.Succeeded;
        });
        return command;
    }

    private static void Run(DpoFineTune fineTune, (int Worker, int Workers) share, TrainerOptions options, ParseResult parsed)
    {
        RunFile file = RunPlan.For(fineTune).Stages[0];
        if (file.Stage != Stage.Prepare)
            throw new RunException(ExitClass.ConfigurationError, "data.cache: none asks for nothing to be prepared; set data.cache: latents");
        options.Threads.Apply(parsed);
        using IRunDisplay display = RunDisplays.For(parsed.GetValue(options.Json), TimeProvider.System);
        using StopSignal signal = new(text => display.Show(Notice.Of("stop", text)), display.Dispose);
        StageContext context = options.Context(parsed, display, signal.Token);
        using StatusPort port = context.Port;
        MemoryFailure.Translate(file, () => PrepareStage.Execute(file, context, share));
    }
}
