using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Conditions;
using DiffusionDpo.Operator.Reconciling.Actions;

namespace DiffusionDpo.Operator.Reconciling.Steps;

/// <summary>Takes over what the open attempt's Job, pods and rank 0 say.</summary>
internal static class FollowAttempt
{
    private static readonly TimeSpan PodsAppearWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NodesAnswerWithin = TimeSpan.FromSeconds(60);

    /// <summary>Decides.</summary>
    public static Next Decide(Decision decision)
    {
        decision.Problem = Refusal(decision);
        if (decision.Seen.ReportDueAt is { } due) decision.LookAgain(due);
        if (decision.Open is not { } open || decision.Seen.JobOf(open) is not { } job) return Next.Step;
        if (open.StartTime is null) decision.Update(open with { StartTime = job.Created });
        var pods = decision.Seen.PodsOf(job);
        decision.Problem = job.Suspended
            ? new PodProblem(Reasons.Queued, $"Waiting for queue {decision.Seen.FineTune.Spec.Workers.QueueName}.", false)
            : PodProblemRules.Find(pods) ?? MissingPods(decision, job, pods);
        GiveUpLostPods(decision, pods);
        TakeProgress(decision);
        TakeCheckpoint(decision, decision.Seen.Report?.LastCheckpoint);
        foreach (var pod in pods) TakeCheckpoint(decision, RootCause.WordsOf(pod)?.LastCheckpoint);
        return Next.Step;
    }

    /// <summary>Why the attempt has no Job. Once said it stands until the Job is there or the specification is another.</summary>
    private static PodProblem? Refusal(Decision decision)
    {
        if (decision.Seen.Rejection is { } refusal)
            return new PodProblem(Reasons.ObjectsRejected, $"The API server refuses the run's objects: {refusal.TrimEnd('.')}. Correct spec.workers.", true);
        var said = decision.Status.Conditions.FirstOrDefault(c => c is { Type: ConditionTypes.Stalled, Reason: Reasons.ObjectsRejected });
        var stands = decision.Open is { StartTime: null, Stopping: null } && said?.ObservedGeneration == decision.Seen.FineTune.Metadata.Generation;
        return stands ? new PodProblem(Reasons.ObjectsRejected, said!.Message, true) : null;
    }

    private static PodProblem? MissingPods(Decision decision, JobView job, IReadOnlyList<PodView> pods)
    {
        if (pods.Count > 0 || job.Outcome is not null || job.Deleting) return null;
        var late = job.Created + PodsAppearWithin;
        if (decision.Seen.Now < late)
        {
            decision.LookAgain(late);
            return null;
        }

        return new PodProblem(
            Reasons.PodsMissing, $"Job {job.Key.Name} has made no pods; its events say why (often a quota, or a ServiceAccount that does not exist).", true);
    }

    private static void GiveUpLostPods(Decision decision, IReadOnlyList<PodView> pods)
    {
        foreach (var pod in pods.Where(pod => pod is { IsTerminal: false, DeletionDue: not null }))
        {
            var lost = pod.DeletionDue!.Value + NodesAnswerWithin;
            if (lost > decision.Seen.Now) decision.LookAgain(lost);
            else decision.Do(new GiveUpPod(pod));
        }
    }

    private static void TakeProgress(Decision decision)
    {
        if (decision.Seen.Report?.Progress is not { } progress) return;
        var written = decision.Status.Progress;
        var isDue = written is null || progress.UpdatedAt - written.UpdatedAt >= decision.Seen.Options.ProgressInterval || progress.Step == progress.TotalSteps;
        if (!isDue || written?.UpdatedAt == progress.UpdatedAt) return;
        if ((written?.Step ?? 0) == 0 && progress.Step > 0 && decision.Status is { AttemptCount: 1, StartTime: { } start })
            decision.Measure(metrics => metrics.FirstStep(decision.Seen.Now - start));
        decision.Status = decision.Status with { Progress = progress };
    }

    private static void TakeCheckpoint(Decision decision, CheckpointStatus? reported)
    {
        if (RootCause.Sane(reported) is not { } checkpoint || checkpoint.Step <= (decision.Status.LastCheckpoint?.Step ?? 0)) return;
        decision.Status = decision.Status with { LastCheckpoint = checkpoint, Progress = decision.Seen.Report?.Progress ?? decision.Status.Progress };
        decision.Tell(EventKind.Normal, Reasons.CheckpointSaved, "Follow", $"Checkpoint of step {checkpoint.Step} at {checkpoint.Uri}");
    }
}
