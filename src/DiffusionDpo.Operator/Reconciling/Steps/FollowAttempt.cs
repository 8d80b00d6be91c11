using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Conditions;
using DiffusionDpo.Operator.Objects;
using DiffusionDpo.Operator.Reconciling.Actions;

namespace DiffusionDpo.Operator.Reconciling.Steps;

/// <summary>Takes over what the open attempt's Job, pods and rank 0 say.</summary>
internal static class FollowAttempt
{
    /// <summary>Longer than most nodes need to mount volumes, much less than a large image takes.</summary>
    public static readonly TimeSpan ContainersAppearWithin = TimeSpan.FromSeconds(30);

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
            : PodProblemRules.Find(pods) ?? MissingPods(decision, job, pods) ?? SlowContainer(decision, pods);
        GiveUpLostPods(decision, pods);
        TakePreparation(decision);
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
            Reasons.PodsMissing,
            $"Job {job.Key.Name} has made no pods; 'kubectl describe job {job.Key.Name}' says why, often a quota or a missing ServiceAccount. "
                + "Raise the quota, or correct spec.workers.serviceAccountName.",
            true);
    }

    /// <summary>A pod does not say why its container is not there; what the operator can see for itself is whether the run files are.</summary>
    private static PodProblem? SlowContainer(Decision decision, IReadOnlyList<PodView> pods)
    {
        if (pods.FirstOrDefault(pod => pod.IsCreating) is not { Scheduled: { } since } pod) return null;
        var late = since + ContainersAppearWithin;
        if (decision.Seen.Now < late)
        {
            decision.LookAgain(late);
            return null;
        }

        decision.LookAgain(decision.Seen.Now + ContainersAppearWithin);
        if (decision.Seen.RunFilesMissing)
        {
            decision.Do(new RestoreRunFiles());
            var name = RunNames.Run(decision.Seen.FineTune);
            return new PodProblem(Reasons.VolumeMissing, $"Worker {pod.Index} mounts ConfigMap {name}, which somebody deleted. The operator creates it again; nothing need be changed.", false);
        }

        return new PodProblem(
            Reasons.ContainerCreating,
            $"Worker {pod.Index} on {pod.Node} has no container after {ContainersAppearWithin.TotalSeconds:0} s: a large image, or a volume that cannot be mounted. "
                + $"'kubectl describe pod {pod.Key.Name}' says which; correct spec.workers.volumes if it is a volume.",
            false);
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
        if (!IsDue(decision, written?.UpdatedAt, progress.UpdatedAt, progress.Step == progress.TotalSteps)) return;
        if ((written?.Step ?? 0) == 0 && progress.Step > 0 && decision.Status.StartTime is { } start && decision.Status.Attempts.Count(attempt => attempt.Stage is Stage.Train) == 1)
            decision.Measure(metrics => metrics.FirstStep(decision.Seen.Now - start));
        decision.Status = decision.Status with { Progress = progress };
    }

    private static void TakePreparation(Decision decision)
    {
        if (decision is not { Open.Stage: Stage.Prepare, Seen.Report.Preparation: { } preparation }) return;
        if (!IsDue(decision, decision.Status.Preparation?.UpdatedAt, preparation.UpdatedAt, preparation.Done == preparation.Total)) return;
        decision.Status = decision.Status with { Preparation = preparation };
    }

    /// <summary>Numbers are written once per interval, the last ones at once, the same ones never again.</summary>
    private static bool IsDue(Decision decision, DateTimeOffset? written, DateTimeOffset taken, bool isLast)
    {
        if (written is not { } before) return true;
        return before != taken && (isLast || taken - before >= decision.Seen.Options.ProgressInterval || before > decision.Seen.Now);
    }

    private static void TakeCheckpoint(Decision decision, CheckpointStatus? reported)
    {
        if (Believable.Checkpoint(reported) is not { } checkpoint || checkpoint.Step <= (decision.Status.LastCheckpoint?.Step ?? 0) || checkpoint.Step > decision.TotalSteps) return;
        decision.Status = decision.Status with { LastCheckpoint = checkpoint, Progress = decision.Seen.Report?.Progress ?? decision.Status.Progress };
        decision.Tell(EventKind.Normal, Reasons.CheckpointSaved, "Follow", $"Checkpoint of step {checkpoint.Step} at {checkpoint.Uri}");
    }
}
