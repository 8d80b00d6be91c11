using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Operator.Reconciling;

/// <summary>When a run has been active for too long; time in suspension does not count.</summary>
internal static class Deadline
{
    /// <summary>The time; null where there is no deadline, or the run is suspended.</summary>
    public static DateTimeOffset? Of(DpoFineTuneSpec spec, DpoFineTuneStatus status) =>
        spec.ActiveDeadlineSeconds is { } seconds && status.ActiveSince is { } since ? since.AddSeconds(seconds - (status.ActiveSeconds ?? 0)) : null;
}
