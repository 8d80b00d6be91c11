using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Conditions;
using DiffusionDpo.Operator.Reconciling.Actions;

namespace DiffusionDpo.Operator.Reconciling.Steps;

/// <summary>A new runId starts a new run, once nothing of the earlier one is left.</summary>
internal static class BeginRun
{
    /// <summary>Decides.</summary>
    public static Next Decide(Decision decision)
    {
        var seen = decision.Seen;
        var runId = seen.FineTune.Spec.RunId;
        if (decision.Status.RunId == runId) return Next.Step;
        var earlier = seen.Jobs.Where(job => job.RunId != runId).ToList();
        if (earlier.Count == 0)
        {
            decision.Status = new DpoFineTuneStatus
            {
                RunId = runId,
                StartTime = seen.Now,
                Conditions = decision.Status.Conditions,
            };
            return Next.Step;
        }

        foreach (var run in earlier.Where(job => !job.Deleting).GroupBy(job => job.RunId)) decision.Do(new DeleteRun(run.Key, [.. run]));
        decision.Problem = new PodProblem(Reasons.EarlierRunEnds, $"Waiting for the pods of run {earlier[0].RunId} to end.", false);
        return Next.Report;
    }
}
