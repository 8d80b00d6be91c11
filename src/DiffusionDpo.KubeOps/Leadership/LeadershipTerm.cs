using DiffusionDpo.KubeOps.Client;

namespace DiffusionDpo.KubeOps.Leadership;

/// <summary>
/// One time of being the leader. It ends by itself a renew deadline after the last successful renewal was sent, whatever the rest of the
/// process does at that moment.
/// </summary>
internal sealed class LeadershipTerm : IDisposable
{
    private readonly LeaderElectionOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _fence;
    private readonly CancellationTokenSource _work;
    private readonly CancellationTokenSource _renewals;
    private long _renewed;

    /// <summary>Begins a term.</summary>
    /// <param name="options">The times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="sent">When the request was sent that took the lease.</param>
    /// <param name="stop">Ends the work, not the term: the work still has to end in order.</param>
    public LeadershipTerm(LeaderElectionOptions options, TimeProvider time, long sent, CancellationToken stop)
    {
        (_options, _time, _renewed) = (options, time, sent);
        _fence = new CancellationTokenSource(Positive(Left), time);
        Fence = new WriteFence(() => Left > TimeSpan.Zero, _fence.Token);
        _work = CancellationTokenSource.CreateLinkedTokenSource(stop, Fence.Closed);
        Work = _work.Token;
        _renewals = CancellationTokenSource.CreateLinkedTokenSource(Fence.Closed);
        Renewals = _renewals.Token;
    }

    /// <summary>What writes have to pass. Closed when the term is over.</summary>
    public WriteFence Fence { get; }

    /// <summary>Cancelled when the leader's work shall end.</summary>
    public CancellationToken Work { get; }

    /// <summary>Cancelled when there is nothing to renew any more: the work has ended, or the leadership is lost.</summary>
    public CancellationToken Renewals { get; }

    /// <summary>Whether this process leads, by the clock: a timer may be late.</summary>
    public bool IsOn => Fence.IsOpen;

    private TimeSpan Left => _options.RenewDeadline - _time.GetElapsedTime(Volatile.Read(ref _renewed));

    /// <summary>The lease was renewed by a request that was sent then.</summary>
    /// <returns>False where the answer came too late: the term was over.</returns>
    public bool Extend(long sent)
    {
        if (!IsOn) return false;
        Volatile.Write(ref _renewed, sent);
        _fence.CancelAfter(Positive(Left));
        return IsOn;
    }

    /// <summary>The lease is lost, or about to be given away.</summary>
    public void Close() => _fence.Cancel();

    /// <summary>The work has ended.</summary>
    public void EndRenewals() => _renewals.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _work.Dispose();
        _renewals.Dispose();
        _fence.Dispose();
    }

    private static TimeSpan Positive(TimeSpan left) => left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
