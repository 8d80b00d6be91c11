using DiffusionDpo.Operator.Reconciling.Steps;

namespace DiffusionDpo.Operator.Reconciling;

/// <summary>What to do about a fine-tune, as a pure function of what is seen. The order of the steps is their meaning.</summary>
internal static class Decisions
{
    private static readonly Func<Decision, Next>[] s_steps =
    [
        BeginRun.Decide,
        LookAfterEnded.Decide,
        AcceptSpecification.Decide,
        FollowAttempt.Decide,
        StopAttempt.Decide,
        EndAttempt.Decide,
        EndRun.Decide,
        HoldSuspended.Decide,
        StartAttempt.Decide,
    ];

    /// <summary>Decides.</summary>
    public static Decision Decide(Observation seen)
    {
        var decision = new Decision(seen);
        foreach (var step in s_steps)
        {
            if (step(decision) is Next.Report) break;
        }

        ReportStatus.Complete(decision);
        return decision;
    }
}
