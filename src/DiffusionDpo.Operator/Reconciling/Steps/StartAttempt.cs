using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Conditions;
using DiffusionDpo.Operator.Objects;
using DiffusionDpo.Operator.Reconciling.Actions;

namespace DiffusionDpo.Operator.Reconciling.Steps;

/// <summary>Starts the next attempt when its time has come and every pod of the one before has ended. First it is recorded, then created.</summary>
internal static class StartAttempt
{
    /// <summary>Decides.</summary>
    public static Next Decide(Decision decision)
    {
        if (decision.Open is null && !Append(decision)) return Next.Report;
        var open = decision.Open!;
        if (open.StartTime is null && open.Stopping is null && decision.Seen.JobOf(open) is null)
            decision.Do(new CreateAttempt(open, decision.Seen.Options));
        return Next.Step;
    }

    private static bool Append(Decision decision)
    {
        var (seen, status) = (decision.Seen, decision.Status);
        if (status.Retries?.NotBefore is { } time && time > seen.Now)
        {
            decision.LookAgain(time);
            return false;
        }

        // Whatever still runs must end first: two attempts would write the same checkpoints.
        if (seen.Jobs.Any(job => job.Outcome is null) || seen.Pods.Any(pod => !pod.IsTerminal)) return false;
        var stage = NextStage(seen.FineTune, status);
        var attempt = new AttemptStatus
        {
            Stage = stage,
            Number = (status.AttemptCount ?? 0) + 1,
            StartStep = stage is Stage.Train ? status.LastCheckpoint?.Step ?? 0 : null,
        };
        decision.Append(attempt);
        // The last attempt's pods stay for whoever reads their logs; older ones go.
        foreach (var job in seen.Jobs.Where(job => job.Attempt < attempt.Number - 1 && !job.Deleting)) decision.Do(new DeleteJob(job));
        var name = RunNames.Job(seen.FineTune, attempt);
        decision.Tell(EventKind.Normal, Reasons.AttemptStarted, "StartAttempt", $"Attempt {attempt.Number} ({RunNames.Word(stage)}) starts as Job {name}");
        return true;
    }

    private static Stage NextStage(DpoFineTune fineTune, DpoFineTuneStatus status)
    {
        var stages = RunPlan.StagesFor(fineTune.Spec);
        if (status.Attempts is not [.., var last]) return stages.First();
        return last.Class == $"{AttemptClass.Succeeded}" ? stages.SkipWhile(stage => stage != last.Stage).Skip(1).First() : last.Stage;
    }
}
