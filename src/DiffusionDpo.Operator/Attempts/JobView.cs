using DiffusionDpo.Api.Plans;
using DiffusionDpo.KubeOps.Caching;
using k8s.Models;

namespace DiffusionDpo.Operator.Attempts;

/// <summary>What reconciliation reads of an attempt's Job.</summary>
/// <param name="Key">Where it is.</param>
/// <param name="FineTune">The fine-tune that it is labelled with.</param>
/// <param name="FineTuneUid">UID of its controller, which tells a fine-tune from an earlier one of the same name.</param>
/// <param name="Uid">Its UID.</param>
/// <param name="RunId">The run.</param>
/// <param name="Attempt">Number of the attempt.</param>
/// <param name="Created">When it was created.</param>
/// <param name="Outcome">How it ended; null while it has not.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Suspended">Waits for admission.</param>
/// <param name="Deleting">Being deleted; it goes when its pods are gone.</param>
internal sealed record JobView(
    ObjectKey Key,
    ObjectKey FineTune,
    string? FineTuneUid,
    string Uid,
    string RunId,
    int Attempt,
    DateTimeOffset Created,
    JobOutcome? Outcome,
    DateTimeOffset? FinishedAt,
    bool Suspended,
    bool Deleting)
{
    /// <summary>Which spec.workers it was made from; null where it does not say.</summary>
    public string? Workers { get; init; }

    /// <summary>Which Jobs are watched.</summary>
    public const string Selector = $"{LabelKeys.ManagedBy}={Objects.RunLabels.Operator}";

    /// <summary>The view of a Job.</summary>
    public static JobView Of(V1Job job)
    {
        var ended = job.Status?.Conditions?.FirstOrDefault(c => c.Status == "True" && c.Type is ("Complete" or "Failed"));
        return new JobView(
            ObjectKey.Of(job),
            new ObjectKey(job.Metadata.NamespaceProperty, Label(job.Metadata, LabelKeys.FineTune)),
            job.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true)?.Uid,
            job.Metadata.Uid,
            Label(job.Metadata, LabelKeys.RunId),
            Number(job.Metadata, LabelKeys.Attempt),
            Utc(job.Metadata.CreationTimestamp) ?? default,
            ended?.Type switch { "Complete" => JobOutcome.Complete, "Failed" => JobOutcome.Failed, _ => null },
            Utc(ended?.LastTransitionTime),
            job.Spec?.Suspend == true,
            job.Metadata.DeletionTimestamp is not null)
        {
            Workers = job.Metadata.Annotations?.TryGetValue(LabelKeys.Workers, out var workers) == true ? workers : null,
        };
    }

    /// <summary>A label, or an empty text.</summary>
    internal static string Label(V1ObjectMeta metadata, string key) => metadata.Labels?.TryGetValue(key, out var value) == true ? value : "";

    /// <summary>A label that is a number, or -1.</summary>
    internal static int Number(V1ObjectMeta metadata, string key) => int.TryParse(Label(metadata, key), out var number) ? number : -1;

    /// <summary>A time of the API server, which are all in UTC.</summary>
    internal static DateTimeOffset? Utc(DateTime? time) => time is { } given ? new DateTimeOffset(DateTime.SpecifyKind(given, DateTimeKind.Utc)) : null;
}
