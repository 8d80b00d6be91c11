using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Timestamps;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Leadership;

/// <summary>
/// The requests of an election. Every write carries the resourceVersion that its decision rests on, so that a request which arrives late
/// changes nothing.
/// </summary>
internal sealed class LeaseLock(IApiClient client, LeaderElectionOptions options, TimeProvider time)
{
    private readonly ObjectKey _key = new(options.Namespace, options.LeaseName);
    private readonly LeaseObservation _observation = new(options, time);
    private V1Lease? _held;

    /// <summary>When a candidate should look again: a retry period after its last look, or when the lease runs out if that is sooner.</summary>
    public TimeSpan UntilNextLook(long lastLook)
    {
        var runsOut = _observation.Remaining;
        var period = options.RetryPeriod - time.GetElapsedTime(lastLook);
        return runsOut > TimeSpan.Zero && runsOut < period ? runsOut : period;
    }

    /// <summary>Looks at the lease and takes it where it is free.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="stop">Ends a look, but not a write: whether that was done would remain unknown, and the lease stay taken for its duration.</param>
    /// <returns>Whether it is held now.</returns>
    /// <exception cref="ApiException">The API server refused; where it is a conflict, another candidate was faster.</exception>
    public async Task<bool> TryAcquireAsync(CancellationToken cancellationToken, CancellationToken stop)
    {
        var lease = await LookAsync(cancellationToken, stop);
        if (lease is not null) _observation.Saw(lease);
        if (lease is not null && _observation.Remaining > TimeSpan.Zero) return false;
        _held = lease is null ? await client.CreateAsync(First(), cancellationToken) : await client.ReplaceAsync(Taken(lease), cancellationToken);
        return true;
    }

    /// <summary>Renews the held lease.</summary>
    /// <returns>False where it is another's: the leadership is lost.</returns>
    /// <exception cref="ApiException">The API server refused; the lease may or may not be renewed.</exception>
    public Task<bool> RenewAsync(CancellationToken cancellationToken) => WriteAsync(Renewed, cancellationToken);

    /// <summary>Gives the held lease to whoever looks next.</summary>
    /// <returns>False where it is another's already.</returns>
    /// <exception cref="ApiException">The API server refused; the lease runs out by itself.</exception>
    public Task<bool> ReleaseAsync(CancellationToken cancellationToken) => WriteAsync(Released, cancellationToken);

    private async Task<V1Lease?> LookAsync(CancellationToken cancellationToken, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop);
        var lease = await client.GetAsync<V1Lease>(_key, either.Token);
        stop.ThrowIfCancellationRequested();
        return lease;
    }

    private async Task<bool> WriteAsync(Func<V1Lease, V1Lease> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _held = await client.ReplaceAsync(change(_held!), cancellationToken);
                return true;
            }
            catch (ApiException e) when (e.IsConflict)
            {
                // Often by this process itself: a write whose answer got lost was done after all.
                var now = await client.GetAsync<V1Lease>(_key, cancellationToken);
                if (now?.Spec?.HolderIdentity != options.Identity) return false;
                _held = now;
            }
        }
    }

    private V1Lease First() => new()
    {
        ApiVersion = $"{V1Lease.KubeGroup}/{V1Lease.KubeApiVersion}",
        Kind = V1Lease.KubeKind,
        Metadata = new V1ObjectMeta { Name = options.LeaseName, NamespaceProperty = options.Namespace },
        Spec = Spec(acquired: MicroTime.Now(time), transitions: 0),
    };

    private V1Lease Taken(V1Lease lease) => With(lease, lease.Spec?.HolderIdentity == options.Identity
        ? Renewed(lease).Spec
        : Spec(acquired: MicroTime.Now(time), transitions: (lease.Spec?.LeaseTransitions ?? 0) + 1));

    private V1Lease Renewed(V1Lease lease) => With(lease, Spec(
        acquired: lease.Spec.AcquireTime is { } then ? MicroTime.Of(then) : MicroTime.Now(time),
        transitions: lease.Spec.LeaseTransitions ?? 0));

    // A duration of nothing is not allowed; with no holder it is of no meaning either.
    private V1Lease Released(V1Lease lease)
    {
        var released = With(lease, Spec(acquired: MicroTime.Now(time), transitions: lease.Spec.LeaseTransitions ?? 0));
        released.Spec.HolderIdentity = "";
        released.Spec.LeaseDurationSeconds = 1;
        return released;
    }

    private static V1Lease With(V1Lease lease, V1LeaseSpec spec) =>
        new() { ApiVersion = lease.ApiVersion, Kind = lease.Kind, Metadata = lease.Metadata, Spec = spec };

    private V1LeaseSpec Spec(DateTime acquired, int transitions) => new()
    {
        HolderIdentity = options.Identity,
        LeaseDurationSeconds = (int)options.Duration.TotalSeconds,
        AcquireTime = acquired,
        RenewTime = MicroTime.Now(time),
        LeaseTransitions = transitions,
    };
}
