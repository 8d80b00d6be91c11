using DiffusionDpo.Api.Plans;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Texts;
using k8s.Models;

namespace DiffusionDpo.Operator.Attempts;

/// <summary>What reconciliation reads of an attempt's pod.</summary>
internal sealed record PodView
{
    // A kubelet keeps 4096 bytes of a termination message; what it says of a wait has no bound.
    private const int MostMessage = 4096;
    private const int MostReason = 512;
    private const string IndexAnnotation = "batch.kubernetes.io/job-completion-index";

    /// <summary>Where it is.</summary>
    public required ObjectKey Key { get; init; }

    /// <summary>The fine-tune that it is labelled with.</summary>
    public required ObjectKey FineTune { get; init; }

    /// <summary>UID of its Job.</summary>
    public string? JobUid { get; init; }

    /// <summary>Number of the attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Index of the worker, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Pending, Running, Succeeded, Failed or Unknown.</summary>
    public required string Phase { get; init; }

    /// <summary>Its node.</summary>
    public string? Node { get; init; }

    /// <summary>Its address.</summary>
    public string? Address { get; init; }

    /// <summary>When it got its node.</summary>
    public DateTimeOffset? Scheduled { get; init; }

    /// <summary>Why the scheduler finds no node.</summary>
    public string? Unschedulable { get; init; }

    /// <summary>Why the container waits, in one word.</summary>
    public string? WaitingReason { get; init; }

    /// <summary>The same in a sentence.</summary>
    public string? WaitingMessage { get; init; }

    /// <summary>When the container started.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>How the container ended; null while it has not.</summary>
    public ContainerEnd? End { get; init; }

    /// <summary>Why the cluster takes the pod away (its DisruptionTarget condition); null where it does not.</summary>
    public string? Disruption { get; init; }

    /// <summary>Why the kubelet ended the pod without its container's doing, such as Evicted.</summary>
    public string? Reason { get; init; }

    /// <summary>When the pod is to be gone; null where it is not being deleted.</summary>
    public DateTimeOffset? DeletionDue { get; init; }

    /// <summary>Being deleted.</summary>
    public bool Deleting => DeletionDue is not null;

    /// <summary>Whether its node makes its container: fetches the image, mounts volumes. Which of these it waits for, the pod does not say.</summary>
    public bool IsCreating => Phase == "Pending" && Node is not null && !Deleting && End is null && WaitingReason is null or "ContainerCreating" or "PodInitializing";

    /// <summary>Whether its container has ended for good.</summary>
    public bool IsTerminal => Phase is "Succeeded" or "Failed";

    /// <summary>The view of a pod.</summary>
    public static PodView Of(V1Pod pod)
    {
        var container = pod.Status?.ContainerStatuses?.FirstOrDefault(c => c?.Name == Objects.TrainerContainer.Name);
        var ended = container?.State?.Terminated;
        var conditions = pod.Status?.Conditions ?? [];
        var index = pod.Metadata.Annotations?.TryGetValue(IndexAnnotation, out var written) == true ? written : null;
        return new PodView
        {
            Key = ObjectKey.Of(pod),
            FineTune = new ObjectKey(pod.Metadata.NamespaceProperty, JobView.Label(pod.Metadata, LabelKeys.FineTune)),
            JobUid = pod.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true)?.Uid,
            Attempt = JobView.Number(pod.Metadata, LabelKeys.Attempt),
            Index = int.TryParse(index, out var worker) ? worker : 0,
            Created = JobView.Utc(pod.Metadata.CreationTimestamp) ?? default,
            Phase = pod.Status?.Phase ?? "Pending",
            Node = pod.Spec?.NodeName,
            Address = pod.Status?.PodIP,
            Scheduled = JobView.Utc(conditions.FirstOrDefault(c => c is { Type: "PodScheduled", Status: "True" })?.LastTransitionTime),
            Unschedulable = Line(conditions.FirstOrDefault(c => c is { Type: "PodScheduled", Status: "False" })?.Message),
            WaitingReason = Line(container?.State?.Waiting?.Reason),
            WaitingMessage = Line(container?.State?.Waiting?.Message),
            Started = JobView.Utc(container?.State?.Running?.StartedAt ?? ended?.StartedAt),
            End = ended is null ? null : new ContainerEnd(ended.ExitCode, Line(ended.Reason), Start(ended.Message), JobView.Utc(ended.FinishedAt)),
            Disruption = Line(conditions.FirstOrDefault(c => c is { Type: "DisruptionTarget", Status: "True" })?.Reason),
            Reason = Line(pod.Status?.Reason),
            DeletionDue = JobView.Utc(pod.Metadata.DeletionTimestamp),
        };
    }

    private static string? Line(string? text) => text is null ? null : ForeignText.OneLine(text, MostReason);

    private static string? Start(string? text) => text?.Length > MostMessage ? text[..(char.IsHighSurrogate(text[MostMessage - 1]) ? MostMessage - 1 : MostMessage)] : text;
}
