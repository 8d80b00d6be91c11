using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Cli.Stages;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo train --run-file FILE</c>: one stage from a resolved run file, as a pod runs it.</summary>
internal static class TrainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> runFile = new("--run-file") { Description = "The run file (JSON) that the operator or `ddpo run` wrote.", Required = true };
        Option<string?> terminationLog = new("--termination-log")
        {
            Description = $"Write the exit class and message as JSON to this file at the end. Default: ${EnvironmentKeys.TerminationLog}.",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(EnvironmentKeys.TerminationLog),
        };
        TrainerOptions options = new();
        Command command = new("train", "Run the one stage that a run file is for; what the operator's pods execute.") { runFile, terminationLog };
        foreach (Option option in options.All) command.Add(option);
        command.SetAction(parsed =>
        {
            options.Threads.Apply(parsed);
            Execute(parsed.GetRequiredValue(runFile), parsed.GetValue(terminationLog), options, parsed);
            return (int)ExitClass.Succeeded;
        });
        return command;
    }

    private static void Execute(string path, string? terminationLog, TrainerOptions options, ParseResult parsed)
    {
        TimeProvider time = TimeProvider.System;
        using IRunDisplay display = RunDisplays.For(parsed.GetValue(options.Json), time);
        using StopSignal signal = new(text => display.Show(Notice.Of("stop", text)), display.Dispose);
        StageContext context = options.Context(parsed, display, signal.Token);
        using StatusPort port = context.Port;
        try
        {
            RunFile file = Read(path);
            if (file.Stage != Stage.Prepare) OneProcess.Require();
            if (file.Stage == Stage.Prepare) MemoryFailure.Translate(file, () => PrepareStage.Execute(file, context, WorkerShare.OfThisProcess()));
            else Execute(file, context, time);
            Leave(terminationLog, context.LastWords.Say(ExitClass.Succeeded, $"{file.Stage} succeeded"));
        }
        catch (RunException failure)
        {
            Leave(terminationLog, context.LastWords.Say(failure.ExitClass, failure.Message));
            throw;
        }
        catch (Exception defect)
        {
            Leave(terminationLog, context.LastWords.Say(ExitClass.InternalError, $"{defect.GetType().Name}: {defect.Message}"));
            throw;
        }
    }

    private static void Execute(RunFile file, StageContext context, TimeProvider time)
    {
        using RunDirectory directory = RunDirectory.Open(file);
        using EventLog log = directory.OpenLog(time);
        StageRunners.Execute(file, context with { Display = new BothDisplays(context.Display, log), Log = log }, directory);
    }

    private static RunFile Read(string path)
    {
        try
        {
            return RunFile.Parse(File.ReadAllText(path));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new RunException(ExitClass.InputMissing, $"run file {path} cannot be read: {cause.Message}", cause);
        }
    }

    // The exit code still speaks where the log cannot be written.
    private static void Leave(string? terminationLog, TerminationMessage message)
    {
        if (terminationLog is null) return;
        try
        {
            File.WriteAllText(terminationLog, message.ToJson());
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{Colours.OfErrors.Doubtful("warning:")} the termination message cannot be written to {terminationLog}: {cause.Message}");
        }
    }
}
