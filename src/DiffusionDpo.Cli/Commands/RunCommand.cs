using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Cli.Stages;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo run FILE</c>: all stages of a fine-tune on this machine.</summary>
internal static class RunCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "The fine-tune (YAML, kind DpoFineTune). Relative paths in it are relative to its own directory." };
        TrainerOptions options = new();
        Command command = new(
            "run",
            "Run all stages of a fine-tune here: prepare where data.cache asks for it, train, then export. Run it again after an interruption and it resumes at the last checkpoint. "
            + "Ctrl-C or SIGTERM saves the last completed step and exits 86; a second Ctrl-C exits at once.") { file, options.DryRun, options.Measure, options.Open };
        foreach (Option option in options.All) command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(options.Measure) && !result.GetValue(options.DryRun)) result.AddError("--measure: give it together with --dry-run");
        });
        command.SetAction(parsed =>
        {
            FineTuneReading reading = FineTuneYaml.ReadFile(parsed.GetRequiredValue(file));
            if (parsed.GetValue(options.DryRun)) return DryRunCommand.Execute(reading, options, parsed);
            FailureReport.For(parsed).Tell(reading);
            if (reading.FineTune is not { } fineTune) return (int)ExitClass.ConfigurationError;
            Run(fineTune, options, parsed);
            return (int)ExitClass.Succeeded;
        });
        return command;
    }

    private static void Run(DpoFineTune fineTune, TrainerOptions options, ParseResult parsed)
    {
        TimeProvider time = TimeProvider.System;
        RunPlan plan = RunPlan.For(fineTune);
        using RunDirectory directory = RunDirectory.Open(plan.Stages[0]);
        bool json = parsed.GetValue(options.Json);
        using IRunDisplay screen = RunDisplays.For(json, time);
        if (directory.IsFinished)
        {
            screen.Show(new Notice(
                "finished",
                $"nothing to do: {fineTune.Metadata.Name} is finished; remove {directory.Location} to run it anew",
                new Dictionary<string, object?> { ["model"] = directory.Model }));
        }
        else
        {
            using EventLog log = directory.OpenLog(time);
            RunStages(plan, directory, (screen, log), options, parsed);
        }

        if (!json) RunSummary.Write(directory, Console.Out);
    }

    private static void RunStages(RunPlan plan, RunDirectory directory, (IRunDisplay Screen, EventLog Log) to, TrainerOptions options, ParseResult parsed)
    {
        BothDisplays display = new(to.Screen, to.Log);
        options.Threads.Apply(parsed);
        using StopSignal signal = new(text => display.Show(Notice.Of("stop", text)), display.Dispose);
        StageContext context = options.Context(parsed, display, signal.Token) with { Log = to.Log };
        using StatusPort port = context.Port;
        display.Show(Notice.Of("run", $"{plan.Stages[0].Name} in {directory.Location}{(directory.IsRemote ? $", works in {directory.Path}" : "")}"));
        foreach (RunFile stage in plan.Stages.Where(stage => stage.Stage == Stage.Export || !directory.IsExported)) StageRunners.Execute(stage, context, directory);
    }
}
