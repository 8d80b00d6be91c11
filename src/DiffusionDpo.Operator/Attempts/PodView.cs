using DiffusionDpo.Api.Plans;
using DiffusionDpo.KubeOps.Caching;
using k8s.Models;

namespace DiffusionDpo.Operator.Attempts;

/// <summary>What reconciliation reads of an attempt's pod.</summary>
internal sealed record PodView
{
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

    /// <summary>Whether its container has ended for good.</summary>
    public bool IsTerminal => Phase is "Succeeded" or "Failed";

    /// <summary>The view of a pod.</summary>
    public static PodView Of(V1Pod pod)
    {
        var container = pod.Status?.ContainerStatuses?.FirstOrDefault(c => c.Name == Objects.TrainerContainer.Name);
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
            Unschedulable = conditions.FirstOrDefault(c => c.Type == "PodScheduled" && c.Status == "False")?.Message,
            WaitingReason = container?.State?.Waiting?.Reason,
            WaitingMessage = container?.State?.Waiting?.Message,
            Started = JobView.Utc(container?.State?.Running?.StartedAt ?? ended?.StartedAt),
            End = ended is null ? null : new ContainerEnd(ended.ExitCode, ended.Reason, ended.Message, JobView.Utc(ended.FinishedAt)),
            Disruption = conditions.FirstOrDefault(c => c.Type == "DisruptionTarget" && c.Status == "True")?.Reason,
            Reason = pod.Status?.Reason,
            DeletionDue = JobView.Utc(pod.Metadata.DeletionTimestamp),
        };
    }
}
