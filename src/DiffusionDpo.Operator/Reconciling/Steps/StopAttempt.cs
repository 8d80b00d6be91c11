using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Conditions;
using DiffusionDpo.Operator.Objects;
using DiffusionDpo.Operator.Reconciling.Actions;

namespace DiffusionDpo.Operator.Reconciling.Steps;

/// <summary>Suspension, the deadline and a correction of what cannot start end the open attempt: its pods get SIGTERM and their time to save.</summary>
internal static class StopAttempt
{
    /// <summary>Decides.</summary>
    public static Next Decide(Decision decision)
    {
        var seen = decision.Seen;
        if (Deadline.Of(seen.FineTune.Spec, decision.Status) is { } deadline && deadline > seen.Now) decision.LookAgain(deadline);
        if (decision.Open is not { } open) return Next.Step;
        if (open.Stopping is null && Why(decision) is { } why)
        {
            open = open with { Stopping = $"{why}" };
            decision.Update(open);
            decision.Tell(EventKind.Normal, Reasons.Stopping, "Stop", $"Stopping attempt {open.Number}: {why}");
        }

        if (open.Stopping is not null && seen.JobOf(open) is { Deleting: false, Outcome: null } job) decision.Do(new DeleteJob(job));
        return Next.Step;
    }

    private static AttemptClass? Why(Decision decision)
    {
        if (Deadline.Of(decision.Seen.FineTune.Spec, decision.Status) <= decision.Seen.Now) return AttemptClass.DeadlineExceeded;
        if (decision.Seen.FineTune.Spec.Suspend) return AttemptClass.Suspended;
        return IsOutdated(decision) ? AttemptClass.Replaced : null;
    }

    /// <summary>A Job is never changed: where its pods cannot start, and what they are made from was corrected, another takes its place.</summary>
    private static bool IsOutdated(Decision decision) =>
        decision is { Problem: not null, Invalid: null }
        && decision.Seen.JobOf(decision.Open) is { Outcome: null, Workers: { } made } job
        && decision.Seen.PodsOf(job).All(pod => pod.Started is null)
        && made != AttemptJob.WorkersHash(decision.Seen.FineTune.Spec.Workers);
}
