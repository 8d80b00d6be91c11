using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.DryRuns;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo run FILE --dry-run</c>: what a run would do, need and take.</summary>
internal static class DryRunCommand
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Says it.</summary>
    /// <param name="reading">The file.</param>
    /// <param name="options">The options of <c>run</c>.</param>
    /// <param name="parsed">The command line.</param>
    /// <returns>The exit code of a run, 0 where it could start.</returns>
    public static int Execute(FineTuneReading reading, TrainerOptions options, ParseResult parsed)
    {
        bool json = parsed.GetValue(options.Json);
        if (reading.FineTune is null)
        {
            new FailureReport(json: false).Tell(reading);
            Problem[] problems = [.. reading.Errors.Select(error => new Problem(ExitClass.ConfigurationError, error.Describe(reading.File)))];
            if (json) Write(new { canStart = false, exitCode = (int)ExitClass.ConfigurationError, problems });
            return (int)ExitClass.ConfigurationError;
        }

        using StopSignal signal = new(static _ => { }, static () => { });
        options.Threads.Apply(parsed);
        TrainingHost host = new()
        {
            PassOverCorruptCheckpoints = parsed.GetValue(options.PreviousCheckpoint),
            ResumeBeforeStep = parsed.GetValue(options.ResumeBefore),
            IgnoresMemoryPlan = parsed.GetValue(options.IgnoreMemoryPlan),
        };
        PlanFacts facts = new DryRun(RunPlan.For(reading.FineTune), host, parsed.GetValue(options.Measure)).Look(() => options.RefuseTakenPort(parsed), signal.Token);
        DryRunPage page = new(facts, TextWidth.OfOutput, Colours.OfOutput);
        if (json) Write(facts);
        else Console.Out.Write(page.Render());
        foreach (string warning in facts.Warnings) Console.Error.WriteLine($"{Colours.OfErrors.Doubtful("warning:")} {warning}");
        foreach (Problem problem in facts.Problems) Console.Error.WriteLine($"{Colours.OfErrors.Bad("error:")} {problem.Message}");
        if (!json) Console.Out.WriteLine(page.Verdict());
        return facts.ExitCode;
    }

    private static void Write<T>(T facts) => Console.Out.WriteLine(JsonSerializer.Serialize(facts, s_json));
}
