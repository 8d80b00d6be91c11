using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Conditions;
using k8s.Models;

namespace DiffusionDpo.Operator.Reconciling.Steps;

/// <summary>Says how the run is doing: phase, conditions, the columns of listings. Always the last step.</summary>
internal static class ReportStatus
{
    /// <summary>Completes the status.</summary>
    public static void Complete(Decision decision)
    {
        var generation = decision.Seen.FineTune.Metadata.Generation;
        var attempt = AttemptState.Of(decision);
        var phase = PhaseOf(decision, attempt);
        var progress = decision.Status.Progress;
        MeasureStart(decision, attempt);
        TellProblem(decision);
        decision.Status = decision.Status with
        {
            ObservedGeneration = generation,
            Phase = phase,
            Steps = progress is null ? null : $"{progress.Step}/{progress.TotalSteps}",
            Conditions = Conditions(decision, phase, attempt, generation),
        };
    }

    /// <summary>All pods run for the first time: how long that took, and how long after a failure.</summary>
    private static void MeasureStart(Decision decision, AttemptState attempt)
    {
        var ranBefore = decision.Status.Conditions.Any(c => c is { Type: ConditionTypes.Running, Status: "True" });
        if (ranBefore || attempt is not { IsRunning: true, Open.StartTime: { } created }) return;
        var now = decision.Seen.Now;
        var before = decision.Status.Attempts.LastOrDefault(a => a.Class is not null);
        var recovery = before is { Class: not nameof(AttemptClass.Succeeded) and not nameof(AttemptClass.Suspended) and not nameof(AttemptClass.Replaced), EndTime: { } failed } ? now - failed : (TimeSpan?)null;
        decision.Measure(metrics => metrics.PodsRunning(now - created, recovery));
    }

    /// <summary>What keeps the run waiting is told when it comes up, not while it lasts.</summary>
    private static void TellProblem(Decision decision)
    {
        if (decision.Problem is not { } problem) return;
        var before = decision.Status.Conditions.FirstOrDefault(c => c.Type == ConditionTypes.Running);
        if (before?.Reason == problem.Reason && before.Message == problem.Sentence) return;
        var kind = problem.Reason is Reasons.Queued or Reasons.EarlierRunEnds ? EventKind.Normal : EventKind.Warning;
        decision.Tell(kind, problem.Reason, "Wait", problem.Sentence);
    }

    private static FineTunePhase PhaseOf(Decision decision, AttemptState attempt)
    {
        if (decision.HasEnded) return decision.Status.Phase!.Value;
        if (decision.Open is null && decision.Seen.FineTune.Spec.Suspend && decision.Invalid is null) return FineTunePhase.Suspended;
        if (attempt.IsRunning) return FineTunePhase.Running;
        var last = decision.Status.Attempts.LastOrDefault(a => a.Class is not null);
        if (last is null || last.Class is nameof(AttemptClass.Suspended) or nameof(AttemptClass.Replaced)) return FineTunePhase.Pending;
        // Between two stages a run runs; between two attempts at the same stage it restarts.
        return last.Class == $"{AttemptClass.Succeeded}" ? FineTunePhase.Running : FineTunePhase.Restarting;
    }

    private static IReadOnlyList<V1Condition> Conditions(Decision decision, FineTunePhase phase, AttemptState attempt, long? generation)
    {
        var list = new ConditionList(decision.Status.Conditions, generation, decision.Seen.Now);
        var failure = FailureOf(decision, phase);
        var (isReady, reason, message) = Readiness(decision, phase, attempt, failure);
        var stalled = StalledBy(decision, failure);
        list.Add(ConditionTypes.Ready, isReady, reason, message);
        if (!isReady && stalled is null && phase is not (FineTunePhase.Suspended or FineTunePhase.Complete))
            list.Add(ConditionTypes.Reconciling, true, reason, message);
        if (stalled is { } why) list.Add(ConditionTypes.Stalled, true, why.Reason, why.Message);
        list.Add(ConditionTypes.Accepted, decision.Invalid is null, decision.Invalid is null ? Reasons.Valid : Reasons.InvalidSpec, decision.Invalid ?? "");
        var isSuspended = phase is FineTunePhase.Suspended;
        list.Add(ConditionTypes.Suspended, isSuspended, isSuspended ? Reasons.Suspended : Reasons.Active, "");
        attempt.AddConditions(list, decision);
        list.Add(ConditionTypes.Complete, phase is FineTunePhase.Complete, phase is FineTunePhase.Complete ? Reasons.Succeeded : $"{phase}", "");
        list.Add(ConditionTypes.Failed, failure is not null, failure?.Reason ?? $"{phase}", failure?.Message ?? "");
        return list.After;
    }

    private static (bool Ready, string Reason, string Message) Readiness(
        Decision decision, FineTunePhase phase, AttemptState attempt, (string Reason, string Message)? failure)
    {
        if (failure is { } failed) return (false, failed.Reason, failed.Message);
        if (phase is FineTunePhase.Complete) return (true, Reasons.Succeeded, "The model is exported.");
        if (decision.Invalid is { } invalid) return (false, Reasons.InvalidSpec, invalid);
        if (decision.Seen.FineTune.Spec.GitOps.ReadyWhen is ReadyWhen.Accepted) return (true, Reasons.Valid, "The specification is valid.");
        if (phase is FineTunePhase.Suspended) return (false, Reasons.Suspended, "spec.suspend is true.");
        var isReady = phase is FineTunePhase.Running && decision.Seen.FineTune.Spec.GitOps.ReadyWhen is ReadyWhen.Running;
        var (reason, message) = attempt.Explain(decision, phase);
        return (isReady, reason, message);
    }

    /// <summary>A failed run's reason stands in its condition from the moment it failed.</summary>
    private static (string Reason, string Message)? FailureOf(Decision decision, FineTunePhase phase)
    {
        if (phase is not FineTunePhase.Failed) return null;
        if (decision.Failure is { } now) return now;
        var before = decision.Status.Conditions.FirstOrDefault(c => c.Type == ConditionTypes.Failed);
        return (before?.Reason ?? $"{AttemptClass.Unknown}", before?.Message ?? "");
    }

    private static (string Reason, string Message)? StalledBy(Decision decision, (string Reason, string Message)? failure)
    {
        if (failure is not null) return failure;
        if (decision.Invalid is { } invalid) return (Reasons.InvalidSpec, invalid);
        return decision.Problem is { NeedsSomebody: true } problem ? (problem.Reason, problem.Sentence) : null;
    }
}
