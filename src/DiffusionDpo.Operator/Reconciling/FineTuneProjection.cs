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
                NamespaceProperty = metadata.NamespaceProperty,
                Uid = metadata.Uid,
                ResourceVersion = metadata.ResourceVersion,
                Generation = metadata.Generation,
                CreationTimestamp = metadata.CreationTimestamp,
                DeletionTimestamp = metadata.DeletionTimestamp,
                Finalizers = metadata.Finalizers,
            },
            Spec = HasEnded(spec, status) ? Remainder(spec) : spec,
            Status = status,
        };
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
