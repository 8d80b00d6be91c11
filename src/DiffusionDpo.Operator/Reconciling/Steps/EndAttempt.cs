using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Conditions;
using DiffusionDpo.Operator.Objects;
using DiffusionDpo.Operator.Retries;

namespace DiffusionDpo.Operator.Reconciling.Steps;

/// <summary>When every pod of the open attempt has ended: how, at what cost, and whether the run goes on.</summary>
internal static class EndAttempt
{
    /// <summary>Decides.</summary>
    public static Next Decide(Decision decision)
    {
        if (decision.Open is not { } open) return Next.Step;
        var job = decision.Seen.JobOf(open);
        if (!HasEnded(decision.Seen, open, job)) return Next.Step;
        var pods = decision.Seen.Pods.Where(pod => pod.Attempt == open.Number && IsOf(decision.Seen, pod, job)).ToList();
        var cause = CauseOf(open, job, pods);
        var ended = Account(decision, open, cause, pods);
        decision.Update(ended);
        decision.Status = decision.Status with
        {
            GpuSeconds = (decision.Status.GpuSeconds ?? 0) + ended.GpuSeconds,
            LostGpuSeconds = (decision.Status.LostGpuSeconds ?? 0) + ended.LostGpuSeconds,
            Progress = LastProgress(decision, ended),
        };
        decision.Measure(metrics => metrics.AttemptEnded(ended));
        Conclude(decision, ended, cause);
        return Next.Step;
    }

    private static bool HasEnded(Observation seen, AttemptStatus open, JobView? job)
    {
        if (job is not null) return job.Outcome is JobOutcome.Complete || (job.Outcome is JobOutcome.Failed && seen.PodsOf(job).All(pod => pod.IsTerminal));
        // A Job that was there and is gone. Before it was there, it is about to be created, unless it is not wanted any more.
        var pods = seen.Pods.Where(pod => pod.Attempt == open.Number);
        return (open.StartTime is not null || open.Stopping is not null) && pods.All(pod => pod.IsTerminal);
    }

    private static bool IsOf(Observation seen, PodView pod, JobView? job) =>
        job is not null ? pod.JobUid == job.Uid : seen.Jobs.All(other => other.Uid != pod.JobUid);

    private static RootCause CauseOf(AttemptStatus open, JobView? job, IReadOnlyList<PodView> pods)
    {
        if (job?.Outcome is JobOutcome.Complete) return new RootCause(AttemptClass.Succeeded);
        var cause = RootCause.Of(pods);
        var isOurs = open.Stopping is not null && cause.Class is AttemptClass.PreemptedSaved or AttemptClass.Preempted or AttemptClass.Vanished or AttemptClass.Unknown;
        return isOurs && open.Stopping is { } why ? cause with { Class = Enum.Parse<AttemptClass>(why) } : cause;
    }

    private static AttemptStatus Account(Decision decision, AttemptStatus open, RootCause cause, IReadOnlyList<PodView> pods)
    {
        var now = decision.Seen.Now;
        var gpus = StageWorkers.Gpus(decision.Seen.FineTune.Spec.Workers, open.Stage);
        var end = pods.Select(pod => pod.End?.At).Max() ?? now;
        var held = pods.Sum(pod => Seconds(pod.Started, pod.End?.At ?? now)) * gpus;
        var saved = decision.Status.LastCheckpoint?.Time;
        var lost = pods.Sum(pod => Seconds(pod.Started > saved || saved is null ? pod.Started : saved, pod.End?.At ?? now)) * gpus;
        return open with
        {
            StartTime = open.StartTime ?? now,
            EndTime = end,
            Class = $"{cause.Class}",
            Rank = cause.Rank,
            Node = cause.Node,
            Message = cause.Message,
            EndStep = open.Stage is Stage.Train ? Math.Min(cause.Step ?? LastStep(decision, cause, open), decision.TotalSteps) : null,
            GpuSeconds = Math.Round(held, 1),
            // What is prepared stays, and no checkpoint has to keep it.
            LostGpuSeconds = cause.Class is AttemptClass.Succeeded || open.Stage is Stage.Prepare ? 0 : Math.Round(lost, 1),
        };
    }

    /// <summary>The last look at a trainer was some steps before its end.</summary>
    private static TrainingProgress? LastProgress(Decision decision, AttemptStatus ended)
    {
        var progress = decision.Status.Progress;
        if (ended.EndStep is not { } step || step <= (progress?.Step ?? 0)) return progress;
        var last = progress ?? new TrainingProgress { Step = 0, TotalSteps = decision.TotalSteps, UpdatedAt = decision.Seen.Now };
        return last with { Step = Math.Min(step, last.TotalSteps), EtaSeconds = null, UpdatedAt = decision.Seen.Now };
    }

    private static int LastStep(Decision decision, RootCause cause, AttemptStatus open) => cause.Class is AttemptClass.Succeeded
        ? decision.TotalSteps
        : Math.Max(decision.Status.Progress?.Step ?? 0, open.StartStep ?? 0);

    private static double Seconds(DateTimeOffset? from, DateTimeOffset to) => from is { } start ? Math.Max(0, (to - start).TotalSeconds) : 0;

    private static void Conclude(Decision decision, AttemptStatus ended, RootCause cause)
    {
        var attempt = $"Attempt {ended.Number} ({RunNames.Word(ended.Stage)})";
        switch (cause.Class)
        {
            case AttemptClass.Succeeded:
                decision.Tell(EventKind.Normal, Reasons.Succeeded, "EndAttempt", $"{attempt} succeeded");
                decision.Status = decision.Status with { Retries = null };
                if (ended.Stage == RunPlan.Order[^1]) EndRun.Complete(decision);
                break;
            case AttemptClass.Suspended:
                decision.Tell(EventKind.Normal, Reasons.Suspended, "EndAttempt", $"{attempt} is saved and stopped");
                break;
            case AttemptClass.Replaced:
                decision.Tell(EventKind.Normal, $"{AttemptClass.Replaced}", "EndAttempt", $"{attempt} never ran; the next one has the present spec.workers");
                break;
            case AttemptClass.DeadlineExceeded:
                EndRun.Fail(decision, Reasons.DeadlineExceeded, EndRun.DeadlineSentence);
                break;
            default:
                Retry(decision, ended, cause, attempt);
                break;
        }
    }

    private static void Retry(Decision decision, AttemptStatus ended, RootCause cause, string attempt)
    {
        var (seen, status) = (decision.Seen, decision.Status);
        var newest = ended.Stage is Stage.Train ? status.LastCheckpoint?.Step : null;
        var seed = HashCode(seen.FineTune.Metadata.Uid, ended.Number);
        var verdict = RetryDecision.After(seen.FineTune.Spec.RetryPolicy, status.Retries ?? new RetryStatus(), cause, newest, seen.Now, seed);
        decision.Status = status with { Retries = verdict.Retries };
        var kind = cause.Class is AttemptClass.Preempted or AttemptClass.PreemptedSaved ? EventKind.Normal : EventKind.Warning;
        decision.Tell(kind, $"{cause.Class}", "EndAttempt", $"{attempt} ended: {cause.Class}{(cause.Message is { } said ? $": {said}" : "")}");
        if (verdict.GivenUp is { } reason) EndRun.Fail(decision, reason, verdict.Sentence!);
    }

    private static int HashCode(string uid, int attempt) => uid.Aggregate(attempt, (hash, letter) => unchecked((hash * 31) + letter));
}
