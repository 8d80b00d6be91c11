using DiffusionDpo.KubeOps.Client;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace DiffusionDpo.KubeOps.Leadership;

/// <summary>
/// Makes this process one of several candidates of which at most one works. All waiting is by the monotonic clock. Its requests should not
/// queue behind a controller's writes: give it a client with a rate limit of its own.
/// </summary>
public sealed class LeaderElection
{
    private readonly LeaderElectionOptions _options;
    private readonly TimeProvider _time;
    private readonly LeaseLock _lease;
    private readonly ILogger _logger;
    private readonly Gauge.Child _status;
    private volatile LeadershipTerm? _term;
    private string? _lastFailure;

    /// <summary>A candidate that does nothing yet.</summary>
    /// <param name="client">Reads and writes the Lease.</param>
    /// <param name="options">Which Lease, and the times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="registry">Where leader_election_master_status is registered.</param>
    /// <param name="logger">Hears of every change.</param>
    /// <exception cref="ArgumentException">The times of the options do not keep leaders apart.</exception>
    public LeaderElection(IApiClient client, LeaderElectionOptions options, TimeProvider time, CollectorRegistry registry, ILogger<LeaderElection> logger)
    {
        options.Validate();
        (_options, _time, _logger) = (options, time, logger);
        _lease = new LeaseLock(client, options, time);
        _status = Metrics.WithCustomRegistry(registry)
            .CreateGauge("leader_election_master_status", "Whether this process is the leader, by Lease.", "name").WithLabels(options.LeaseName);
        _status.Set(0);
    }

    /// <summary>Whether this process leads now. True until the leader's work has ended, also after it was told to.</summary>
    public bool IsLeader => _term is { IsOn: true };

    /// <summary>
    /// The write fence: closed while this process does not lead, and from the moment it ceases to. Writes are tied to the fence as it was when
    /// they began.
    /// </summary>
    public WriteFence Fence => _term?.Fence ?? WriteFence.Shut;

    /// <summary>Waits for the leadership, leads, and returns when that is over and the work has ended.</summary>
    /// <param name="lead">
    /// The leader's work. Its token is cancelled when the leadership is lost, at once, or when it shall stop; in the second case the lease
    /// is kept until the work has ended, and then released. What it throws is thrown on after that.
    /// </param>
    /// <param name="stop">Ends it all in order.</param>
    /// <returns>Why it is over.</returns>
    public async Task<LeadershipEnd> RunAsync(Func<CancellationToken, Task> lead, CancellationToken stop)
    {
        if (await AcquireAsync(stop) is not { } sent) return LeadershipEnd.Stopped;
        using var term = new LeadershipTerm(_options, _time, sent, stop);
        using var _ = term.Fence.Closed.Register(() => _status.Set(0));
        (_term, _lastFailure) = (term, null);
        _status.Set(term.IsOn ? 1 : 0);
        _logger.LogInformation("{Identity} leads", _options.Identity);
        try
        {
            return await LeadAsync(term, lead, stop);
        }
        finally
        {
            _term = null;
        }
    }

    private async Task<LeadershipEnd> LeadAsync(LeadershipTerm term, Func<CancellationToken, Task> lead, CancellationToken stop)
    {
        // In this order: work that blocks its caller must not keep the lease from being renewed.
        var renewals = RenewAsync(term);
        bool kept;
        try
        {
            if (!term.Work.IsCancellationRequested) await lead(term.Work);
        }
        catch (OperationCanceledException) when (term.Work.IsCancellationRequested)
        {
            // As it was told.
        }
        finally
        {
            term.EndRenewals();
            await renewals;
            kept = term.IsOn;
            // Before the release, not after it: another may lead as soon as the request is on its way.
            term.Close();
            if (kept) await TryAsync(_lease.ReleaseAsync, CancellationToken.None);
            _logger.LogInformation("{Identity} leads no more", _options.Identity);
        }

        if (!kept) return LeadershipEnd.Lost;
        return stop.IsCancellationRequested ? LeadershipEnd.Stopped : LeadershipEnd.Finished;
    }

    private async Task<long?> AcquireAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var sent = _time.GetTimestamp();
            if (await TryAsync(limit => _lease.TryAcquireAsync(limit, stop), CancellationToken.None) == true) return sent;
            await PauseAsync(_lease.UntilNextLook(sent), stop);
        }

        return null;
    }

    private async Task RenewAsync(LeadershipTerm term)
    {
        var sent = _time.GetTimestamp();
        while (true)
        {
            await PauseAsync(_options.RetryPeriod - _time.GetElapsedTime(sent), term.Renewals);
            if (term.Renewals.IsCancellationRequested) return;
            sent = _time.GetTimestamp();
            var renewed = await TryAsync(_lease.RenewAsync, term.Renewals);
            if (renewed is null || (renewed.Value && term.Extend(sent))) continue;
            term.Close();
            return;
        }
    }

    private async Task PauseAsync(TimeSpan left, CancellationToken cancellationToken)
    {
        if (left <= TimeSpan.Zero || cancellationToken.IsCancellationRequested) return;
        // Not Task.Delay: it hands a cancellation to the thread pool, which may be busy just when the process has to stop.
        var over = new TaskCompletionSource();
        // Rounded up: timers count whole milliseconds, and one that is early finds the lease not run out yet.
        var rounded = TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
        using var timer = _time.CreateTimer(_ => over.TrySetResult(), null, rounded, Timeout.InfiniteTimeSpan);
        using var cancelled = cancellationToken.Register(() => over.TrySetResult());
        await over.Task;
    }

    // True or false as the request says; null where it failed, so that it may have been done or not.
    private async Task<bool?> TryAsync(Func<CancellationToken, Task<bool>> request, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var answer = await request(either.Token);
            _lastFailure = null;
            return answer;
        }
        catch (Exception e)
        {
            // Whatever it is, it is no reason to give up: the fence closes in time by itself.
            if (e is not (ApiException { IsConflict: true } or OperationCanceledException) || limit.IsCancellationRequested) Report(e);
            return null;
        }
    }

    // Once, not every two seconds.
    private void Report(Exception failure)
    {
        if (failure.Message == _lastFailure) return;
        _lastFailure = failure.Message;
        _logger.LogWarning(failure, "A request about Lease {Namespace}/{Name} failed; trying on", _options.Namespace, _options.LeaseName);
    }
}
