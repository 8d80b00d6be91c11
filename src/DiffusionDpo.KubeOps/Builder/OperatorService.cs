using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.KubeOps.Health;
using DiffusionDpo.KubeOps.Leadership;
using DiffusionDpo.KubeOps.Reconciling;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace DiffusionDpo.KubeOps.Builder;

/// <summary>
/// Runs an operator: caches first, kept warm whoever leads, then, once they are complete and this process may write, the controllers. At the
/// end controllers stop first, then events are written, then the caches end.
/// </summary>
internal sealed class OperatorService(
    OperatorSettings settings,
    IEnumerable<IReflector> reflectors,
    IEnumerable<IEntityLoop> loops,
    IEnumerable<IOwnership> ownerships,
    WrittenObjects written,
    Candidacy candidacy,
    EventRecorder events,
    HealthChecks checks,
    CollectorRegistry registry,
    IHostApplicationLifetime lifetime,
    ILogger<OperatorService> log) : BackgroundService
{
    private static readonly TimeSpan s_flushLimit = TimeSpan.FromSeconds(3);
    private readonly IReadOnlyList<IReflector> _reflectors = [.. reflectors];
    private readonly IReadOnlyList<IEntityLoop> _loops = [.. loops];

    /// <summary>Complete once every cache holds its first list.</summary>
    public Task Synced => Task.WhenAll(_reflectors.Select(reflector => reflector.Synced));

    /// <summary>Whether the leadership was lost, so that the process is to end as failed.</summary>
    public bool LostLeadership { get; private set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        written.Join(_reflectors);
        foreach (var ownership in ownerships) ownership.Join();
        foreach (var loop in _loops) checks.AddLiveness($"work-{loop.Kind}", () => loop.IsMoving);
        using var watching = new CancellationTokenSource();
        List<Task> background =
        [
            Task.Run(() => events.RunAsync(watching.Token), CancellationToken.None),
            .. _reflectors.Select(reflector => WatchAsync(reflector, watching.Token)),
        ];
        var endpoints = settings.Health is { } health ? await HealthEndpoints.StartAsync(health, checks, registry, stoppingToken).ConfigureAwait(false) : null;
        try
        {
            await Synced.WaitAsync(stoppingToken).ConfigureAwait(false);
            log.LogInformation("Caches are complete: {Kinds}", string.Join(", ", _reflectors.Select(reflector => reflector.Kind)));
            await WorkAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop before the caches were complete: nothing has begun.
        }
        finally
        {
            await events.FlushAsync(s_flushLimit).ConfigureAwait(false);
            await watching.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(background).ConfigureAwait(false);
            if (endpoints is not null) await endpoints.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Task WatchAsync(IReflector reflector, CancellationToken cancellationToken)
    {
        var watch = Task.Run(() => reflector.RunAsync(cancellationToken), CancellationToken.None);
        checks.AddReadiness($"cache-{reflector.Kind}", () => reflector.Synced.IsCompletedSuccessfully);
        checks.AddLiveness($"watch-{reflector.Kind}", () => !watch.IsCompleted && reflector.IsMoving);
        return watch;
    }

    private async Task WorkAsync(CancellationToken stop)
    {
        if (candidacy.Election is not { } election)
        {
            await ReconcileAsync(stop).ConfigureAwait(false);
        }
        else if (await election.RunAsync(ReconcileAsync, stop).ConfigureAwait(false) is LeadershipEnd.Lost)
        {
            // What is in memory may be out of date, and another leads: a fresh process is the safe way on.
            log.LogError("The leadership is lost; ending");
            LostLeadership = true;
            lifetime.StopApplication();
        }
    }

    private Task ReconcileAsync(CancellationToken stop) => Task.WhenAll(_loops.Select(loop => loop.RunAsync(stop)));
}
