using DiffusionDpo.Operator.Reconciling.Actions;

namespace DiffusionDpo.Operator.Reconciling.Steps;

/// <summary>A run that has ended never starts again. Its objects go after their time to live; the fine-tune stays.</summary>
internal static class LookAfterEnded
{
    /// <summary>Decides.</summary>
    public static Next Decide(Decision decision)
    {
        if (!decision.HasEnded) return Next.Step;
        var (seen, runId) = (decision.Seen, decision.Seen.FineTune.Spec.RunId);
        foreach (var stray in seen.Jobs.Where(job => job is { Outcome: null, Deleting: false })) decision.Do(new DeleteJob(stray));
        if (seen.FineTune.Spec.TtlSecondsAfterFinished is not { } seconds || seen.Jobs.Count == 0) return Next.Report;
        var due = (decision.Status.CompletionTime ?? seen.Now).AddSeconds(seconds);
        if (due > seen.Now) decision.LookAgain(due);
        else decision.Do(new DeleteRun(runId, [.. seen.Jobs.Where(job => !job.Deleting)]));
        return Next.Report;
    }
}
