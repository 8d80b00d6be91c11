using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Stages;

namespace DiffusionDpo.Cli.Reports;

/// <summary>All that a report is made from.</summary>
/// <param name="File">What was asked for, resolved.</param>
/// <param name="Log">What happened.</param>
/// <param name="Samples">What the models draw; none before the end.</param>
/// <param name="IsFinished">Whether the model is there.</param>
internal sealed record RunFacts(RunFile File, RunLog Log, IReadOnlyList<SamplePair> Samples, bool IsFinished)
{
    /// <summary>Optimizer steps done.</summary>
    public int Step => Log.Steps.Count > 0 ? Log.Steps[^1].Step : 0;

    /// <summary>Optimizer steps of the run.</summary>
    public int TotalSteps => File.Training.Steps ?? 0;

    /// <summary>Time spent in optimizer steps.</summary>
    public TimeSpan TrainingTime => TimeSpan.FromSeconds(Log.Steps.Sum(step => step.PhaseSeconds.Values.Sum()));

    /// <summary>The state in a word or two.</summary>
    public string State => IsFinished ? "finished" : Step == TotalSteps ? "trained" : $"step {Step:N0} of {TotalSteps:N0}";
}
