using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Objects;
using DiffusionDpo.Operator.Progress;

namespace DiffusionDpo.Operator.Reconciling;

/// <summary>Everything that a reconciliation looks at, taken once.</summary>
/// <param name="FineTune">The fine-tune.</param>
/// <param name="Jobs">Its Jobs, of all runs.</param>
/// <param name="Pods">Their pods.</param>
/// <param name="Report">What rank 0 of the open attempt said last; null where it said nothing.</param>
/// <param name="Now">The time.</param>
/// <param name="Options">How this operator works.</param>
internal sealed record Observation(
    DpoFineTune FineTune,
    IReadOnlyList<JobView> Jobs,
    IReadOnlyList<PodView> Pods,
    ProgressReport? Report,
    DateTimeOffset Now,
    OperatorOptions Options)
{
    /// <summary>When rank 0 is to be asked again.</summary>
    public DateTimeOffset? ReportDueAt { get; init; }

    /// <summary>Why the API server refuses the run's objects; null where it does not.</summary>
    public string? Rejection { get; init; }

    /// <summary>Whether the run's ConfigMap is gone; only looked at while a pod has no container.</summary>
    public bool RunFilesMissing { get; init; }

    /// <summary>
    /// Whether this may be older than what is decided on it. Each kind is watched for itself, and where one is behind, objects seem to be
    /// missing: a Job that another replica has created, pods whose end has not been seen.
    /// </summary>
    public bool IsDoubtful
    {
        get
        {
            if (FineTune.Status?.Attempts.LastOrDefault(attempt => attempt.Class is null) is not { } open) return false;
            if (Jobs.FirstOrDefault(job => job.RunId == FineTune.Status.RunId && job.Attempt == open.Number) is not { } job) return true;
            var pods = PodsOf(job);
            return job.Outcome is not null && (pods.Count < StageWorkers.Count(FineTune.Spec.Workers, open.Stage) || pods.Any(pod => !pod.IsTerminal));
        }
    }

    /// <summary>The Job of an attempt of the present run.</summary>
    public JobView? JobOf(AttemptStatus? attempt) =>
        attempt is null ? null : Jobs.FirstOrDefault(job => job.RunId == FineTune.Spec.RunId && job.Attempt == attempt.Number);

    /// <summary>The pods of a Job, by index.</summary>
    public IReadOnlyList<PodView> PodsOf(JobView? job) =>
        job is null ? [] : [.. Pods.Where(pod => pod.JobUid == job.Uid).OrderBy(pod => pod.Index)];
}
