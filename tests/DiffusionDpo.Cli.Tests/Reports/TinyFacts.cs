using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Reports;
using DiffusionDpo.Cli.Stages;
using DiffusionDpo.Cli.Tests.Scenarios;

namespace DiffusionDpo.Cli.Tests.Reports;

/// <summary>A run of a hundred steps, as its log tells it.</summary>
internal static class TinyFacts
{
    public static RunFile File { get; } = Resolve(new TinyFineTune { Data = "/data", HeldOut = "/held-out", Steps = 100 });

    public static RunFacts Of(IEnumerable<string> lines, bool isFinished = true, RunFile? file = null)
    {
        using Workspace workspace = new();
        System.IO.File.WriteAllLines(workspace.In("events.jsonl"), lines);
        return new(file ?? File, RunLog.Read(workspace.In("events.jsonl")), [], isFinished);
    }

    public static RunFile With(ObjectiveOptions objective) =>
        File with { Training = File.Training with { Objective = objective with { Beta = 5000, SafeguardMargin = 0, MarginWeight = 0.1 } } };

    private static RunFile Resolve(TinyFineTune fineTune)
    {
        using Workspace workspace = new Workspace().Write(fineTune);
        return RunPlan.For(FineTuneYaml.ReadFile(workspace.File).FineTune!).Stages[0];
    }
}
