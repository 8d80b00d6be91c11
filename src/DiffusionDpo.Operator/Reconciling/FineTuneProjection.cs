using DiffusionDpo.Api.FineTunes;
using k8s.Models;

namespace DiffusionDpo.Operator.Reconciling;

/// <summary>
/// What the cache keeps of a fine-tune: all of an active one, and of one whose run has ended only what is read again. Ended fine-tunes stay for
/// years and are many.
/// </summary>
internal static class FineTuneProjection
{
    /// <summary>The fine-tune as it is kept.</summary>
    public static DpoFineTune Of(DpoFineTune fineTune)
    {
        var (metadata, spec, status) = (fineTune.Metadata, fineTune.Spec, fineTune.Status);
        return new DpoFineTune
        {
            Metadata = new V1ObjectMeta
            {
                Name = metadata.Name,
                NamespaceProperty = SharedText.Of(metadata.NamespaceProperty),
                Uid = metadata.Uid,
                ResourceVersion = metadata.ResourceVersion,
                Generation = metadata.Generation,
                CreationTimestamp = metadata.CreationTimestamp,
                DeletionTimestamp = metadata.DeletionTimestamp,
                Finalizers = metadata.Finalizers,
            },
            Spec = HasEnded(spec, status) ? Remainder(spec) : spec,
            Status = status is null ? null! : Shared(status),
        };
    }

    /// <summary>The same status with texts that most fine-tunes have in common, which are a third of its memory.</summary>
    private static DpoFineTuneStatus Shared(DpoFineTuneStatus status)
    {
        foreach (var condition in status.Conditions)
        {
            condition.Type = SharedText.Of(condition.Type);
            condition.Status = SharedText.Of(condition.Status);
            condition.Reason = SharedText.Of(condition.Reason);
            condition.Message = SharedText.Of(condition.Message);
        }

        return status;
    }

    private static bool HasEnded(DpoFineTuneSpec spec, DpoFineTuneStatus? status) =>
        status is { Phase: FineTunePhase.Complete or FineTunePhase.Failed } && status.RunId == spec.RunId;

    private static DpoFineTuneSpec Remainder(DpoFineTuneSpec spec) => new()
    {
        RunId = spec.RunId,
        TtlSecondsAfterFinished = spec.TtlSecondsAfterFinished,
        GitOps = spec.GitOps,
        Checkpoints = spec.Checkpoints,
        Output = spec.Output,
    };
}
