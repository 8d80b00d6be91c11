using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Conditions;
using DiffusionDpo.Operator.Reconciling.Actions;

namespace DiffusionDpo.Operator.Reconciling.Steps;

/// <summary>Suspension and the deadline end the open attempt: its pods get SIGTERM and their time to save.</summary>
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
        return decision.Seen.FineTune.Spec.Suspend ? AttemptClass.Suspended : null;
    }
}
