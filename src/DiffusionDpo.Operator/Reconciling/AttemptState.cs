using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Operator.Conditions;
using DiffusionDpo.Operator.Objects;

namespace DiffusionDpo.Operator.Reconciling;

/// <summary>How far the open attempt is; all false where there is none.</summary>
/// <param name="Open">The attempt.</param>
/// <param name="IsScheduled">Every pod has a node.</param>
/// <param name="IsRunning">Every pod runs, or has run and ended well.</param>
/// <param name="IsLoaded">Rank 0 has model and data.</param>
internal sealed record AttemptState(AttemptStatus? Open, bool IsScheduled, bool IsRunning, bool IsLoaded)
{
    private const int OverdueAfterIntervals = 2;

    /// <summary>The state in a decision.</summary>
    public static AttemptState Of(Decision decision)
    {
        if (decision.Open is not { } open || open.Stopping is not null) return new AttemptState(decision.Open, false, false, false);
        var pods = decision.Seen.PodsOf(decision.Seen.JobOf(open));
        var isWhole = pods.Count >= StageWorkers.Count(decision.Seen.FineTune.Spec.Workers, open.Stage);
        return new AttemptState(
            open,
            isWhole && pods.All(pod => pod.Node is not null),
            isWhole && pods.All(pod => pod.Phase is "Running" or "Succeeded"),
            decision.Seen.Report?.IsLoaded ?? WasLoaded(decision.Seen.FineTune.Status, open));
    }

    /// <summary>The conditions that are about the attempt.</summary>
    public void AddConditions(ConditionList list, Decision decision)
    {
        var (waiting, sentence) = decision.Problem is { } problem ? (problem.Reason, problem.Sentence) : (Idle(decision), "");
        list.Add(ConditionTypes.Scheduled, IsScheduled, IsScheduled ? Reasons.Starting : waiting, IsScheduled ? "" : sentence);
        list.Add(ConditionTypes.DataReady, IsLoaded, IsLoaded ? Reasons.Active : IsRunning ? Reasons.Loading : waiting, "");
        list.Add(ConditionTypes.Running, IsRunning, IsRunning ? Reasons.PodsRunning : waiting, IsRunning ? "" : sentence);
        var (fresh, reason) = Freshness(decision);
        list.Add(ConditionTypes.CheckpointFresh, fresh, reason, "");
    }

    /// <summary>Why the run is where it is.</summary>
    public (string Reason, string Message) Explain(Decision decision, FineTunePhase phase)
    {
        if (IsRunning) return (Reasons.PodsRunning, IsLoaded ? "The trainer works." : "The trainer loads model and data.");
        if (decision.Problem is { } problem) return (problem.Reason, problem.Sentence);
        if (Open is { Stopping: { } why }) return (Reasons.Stopping, $"Attempt {Open.Number} saves and stops: {why}.");
        if (Open is not null) return (Reasons.Starting, $"Attempt {Open.Number} starts.");
        var next = decision.Status.Retries?.NotBefore is { } time ? $"The next attempt starts at {time:u}." : "The next attempt starts when all pods have ended.";
        return (phase is FineTunePhase.Restarting ? Reasons.Restarting : Reasons.Starting, next);
    }

    // An operator that has just begun has not asked the trainer yet; what the one before it knew of the attempt is still so.
    private static bool WasLoaded(DpoFineTuneStatus? written, AttemptStatus open) =>
        written is { Attempts: [.., { Class: null } last] } && last.Number == open.Number
        && written.Conditions.Any(condition => condition is { Type: ConditionTypes.DataReady, Status: "True" });

    private string Idle(Decision decision)
    {
        if (decision.HasEnded) return $"{decision.Status.Phase}";
        if (decision.Invalid is not null) return Reasons.InvalidSpec;
        if (Open is { Stopping: not null }) return Reasons.Stopping;
        if (Open is not null) return Reasons.Starting;
        return decision.Seen.FineTune.Spec.Suspend ? Reasons.Suspended : Reasons.Restarting;
    }

    private static (bool Fresh, string Reason) Freshness(Decision decision)
    {
        if (decision.Status.LastCheckpoint is not { } newest) return (false, Reasons.NoCheckpoint);
        var behind = (decision.Status.Progress?.Step ?? 0) - newest.Step;
        var isFresh = behind <= OverdueAfterIntervals * decision.Seen.FineTune.Spec.Checkpoints.EverySteps;
        return (isFresh, isFresh ? Reasons.CheckpointSaved : Reasons.CheckpointOverdue);
    }
}
