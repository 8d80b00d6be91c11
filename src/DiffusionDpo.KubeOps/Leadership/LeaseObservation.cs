using k8s.Models;

namespace DiffusionDpo.KubeOps.Leadership;

/// <summary>
/// What a candidate has seen of a lease, and since when it has not changed by this process's monotonic clock. The times that stand in the
/// lease are never compared with: another machine's clock may be anywhere.
/// </summary>
internal sealed class LeaseObservation(LeaderElectionOptions options, TimeProvider time)
{
    private (string? Holder, DateTime? Renewed, string? Version) _seen;
    private TimeSpan _duration;
    private long _since;

    /// <summary>Who holds the lease as last seen; null for nobody.</summary>
    public string? Holder => string.IsNullOrEmpty(_seen.Holder) ? null : _seen.Holder;

    /// <summary>Time until the lease may be taken; zero or less where it may be now.</summary>
    public TimeSpan Remaining => Holder is null || Holder == options.Identity ? TimeSpan.Zero : _duration - time.GetElapsedTime(_since);

    /// <summary>The API server has answered with the lease. Called when the answer is there: the holder renewed it earlier than that.</summary>
    public void Saw(V1Lease lease)
    {
        var now = (lease.Spec?.HolderIdentity, lease.Spec?.RenewTime, lease.Metadata.ResourceVersion);
        if (now == _seen) return;
        (_seen, _since) = (now, time.GetTimestamp());
        // What the holder promised counts: it may run with other options than this process.
        _duration = lease.Spec?.LeaseDurationSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : options.Duration;
    }
}
