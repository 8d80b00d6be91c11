using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Conditions;
using DiffusionDpo.Operator.Objects;
using DiffusionDpo.Operator.Retries;

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
            IsLoadedBy(decision, pods));
    }

    /// <summary>
    /// What rank 0 says. Until it has said something to this process, what it said to the one before: a pod does not unload what it has loaded,
    /// and the condition had another reason when the attempt began.
    /// </summary>
    private static bool IsLoadedBy(Decision decision, IReadOnlyList<PodView> pods)
    {
        if (decision.Seen.Report is { } report) return report.IsLoaded;
        return pods is [{ Index: 0, Phase: "Running" or "Succeeded" }, ..]
            && decision.Status.Conditions.Any(c => c is { Type: ConditionTypes.DataReady, Status: "True", Reason: Reasons.Active });
    }

    /// <summary>The conditions that are about the attempt.</summary>
    public void AddConditions(ConditionList list, Decision decision)
    {
        var (waiting, sentence) = decision.Problem is { } problem ? (problem.Reason, problem.Sentence) : (Idle(decision), "");
        list.Add(ConditionTypes.Scheduled, IsScheduled, IsScheduled ? Reasons.Starting : waiting, IsScheduled ? "" : sentence);
        var (isReady, why, detail) = DataReadiness.Of(decision, this, waiting);
        list.Add(ConditionTypes.DataReady, isReady, why, detail);
        list.Add(ConditionTypes.Running, IsRunning, IsRunning ? Reasons.PodsRunning : waiting, IsRunning ? "" : sentence);
        var (fresh, reason) = Freshness(decision);
        list.Add(ConditionTypes.CheckpointFresh, fresh, reason, "");
    }

    /// <summary>Why the run is where it is.</summary>
    public (string Reason, string Message) Explain(Decision decision, FineTunePhase phase)
    {
        if (IsRunning && Open is { Stage: Stage.Prepare }) return (Reasons.PodsRunning, DataReadiness.Preparing(decision));
        if (IsRunning) return (Reasons.PodsRunning, IsLoaded ? "The trainer works." : "The trainer loads model and data.");
        if (decision.Problem is { } problem) return (problem.Reason, problem.Sentence);
        if (Open is { Stopping: { } why }) return (Reasons.Stopping, $"Attempt {Open.Number} saves and stops: {why}.");
        if (Open is not null) return (Reasons.Starting, $"Attempt {Open.Number} starts.");
        var next = decision.Status.Retries?.NotBefore is { } time ? $"The next attempt starts at {time:u}." : "The next attempt starts when all pods have ended.";
        if (phase is not FineTunePhase.Restarting) return (Reasons.Starting, next);
        var last = decision.Status.Attempts[^1];
        return (last.Class!, $"{Ending(last)} {next}");
    }

    /// <summary>How an attempt ended and what to change, for whoever reads it before the next one fails too.</summary>
    private static string Ending(AttemptStatus ended)
    {
        var place = ended.Rank is { } rank ? $" (rank {rank}{(ended.Node is { } node ? $" on {node}" : "")})" : "";
        var said = ended.Message is { } message ? $": {message.TrimEnd('.')}" : "";
        var remedy = RetryRules.For(Enum.Parse<AttemptClass>(ended.Class!)).Remedy;
        return $"Attempt {ended.Number} ended: {ended.Class}{place}{said}.{(remedy.Length > 0 ? $" {remedy}." : "")}";
    }

    private string Idle(Decision decision)
    {
        if (decision.HasEnded) return $"{decision.Status.Phase}";
        if (decision.Invalid is not null) return Reasons.InvalidSpec;
        if (Open is { Stopping: not null }) return Reasons.Stopping;
        if (Open is not null) return Reasons.Starting;
        return decision.Seen.FineTune.Spec.Suspend ? Reasons.Suspended : decision.Status.Attempts is [.., { Class: { } last }] ? last : Reasons.Starting;
    }

    private static (bool Fresh, string Reason) Freshness(Decision decision)
    {
        if (decision.Status.LastCheckpoint is not { } newest) return (false, Reasons.NoCheckpoint);
        var behind = (decision.Status.Progress?.Step ?? 0) - newest.Step;
        var isFresh = behind <= OverdueAfterIntervals * decision.Seen.FineTune.Spec.Checkpoints.EverySteps;
        return (isFresh, isFresh ? Reasons.CheckpointSaved : Reasons.CheckpointOverdue);
    }
}
