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

    /// <summary>Whether the last step is done.</summary>
    public bool IsTrained => IsFinished || (Step > 0 && Step >= TotalSteps);

    /// <summary>Time spent in optimizer steps.</summary>
    public TimeSpan TrainingTime => TimeSpan.FromSeconds(Log.Steps.Sum(step => step.PhaseSeconds.Values.Sum()));

    /// <summary>The state in a word or two.</summary>
    public string State => IsFinished ? "finished" : IsTrained ? "trained" : $"step {Step:N0} of {TotalSteps:N0}";

    /// <summary>When its last sign of life was written; null: there is none.</summary>
    public DateTimeOffset? LastSeen => Log.Steps.Select(step => step.Time).Concat(Log.Events.Select(one => one.Time)).Cast<DateTimeOffset?>().Max();
}
