using System.Net;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace DiffusionDpo.KubeOps.Events;

/// <summary>Writes series to the API server: creates the event, later replaces its count; patiently, since events tell of outages too.</summary>
internal sealed class EventWriter(IApiClient client, EventReporter reporter, TimeProvider time, ILogger logger)
{
    private const int Attempts = 8;
    private static readonly TimeSpan s_requestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    /// <summary>Writes what there is to tell of a series.</summary>
    /// <returns>False where that has failed for good.</returns>
    public async Task<bool> TryWriteAsync(EventSeries series, CancellationToken stop)
    {
        var item = series.ToWrite(reporter.Controller, reporter.Instance, out var count);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (attempt > 0) await Task.Delay(Pause(attempt), time, stop);
            try
            {
                series.Told(await SendAsync(item, stop), count);
                return true;
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                if (attempt == 0) logger.LogWarning(e, "Event {Reason} about {Name} could not be written", item.Reason, item.Regarding.Name);
                if (!await MayTryAgainAsync(e, item, stop)) return Failed(series, count);
            }
        }

        return Failed(series, count);
    }

    private static bool Failed(EventSeries series, int count)
    {
        // With the next occurrence it is tried again, not before.
        series.Told(series.Stored!, count);
        return false;
    }

    private Task<Eventsv1Event> SendAsync(Eventsv1Event item, CancellationToken stop) => LimitedAsync(
        limit => item.Metadata.ResourceVersion is null ? client.CreateAsync(item, limit) : client.ReplaceAsync(item, limit), stop);

    private async Task<bool> MayTryAgainAsync(Exception failure, Eventsv1Event item, CancellationToken stop)
    {
        var isExpired = failure is ApiException { Status: HttpStatusCode.NotFound } && item.Metadata.ResourceVersion is not null;
        if (isExpired || failure is ApiException { IsConflict: true }) return await FindAsync(item, stop);
        return failure is ApiException { IsTransient: true } or OperationCanceledException;
    }

    // Done by an attempt whose answer got lost, or expired since.
    private async Task<bool> FindAsync(Eventsv1Event item, CancellationToken stop)
    {
        try
        {
            var stored = await LimitedAsync(limit => client.GetAsync<Eventsv1Event>(ObjectKey.Of(item), limit), stop);
            item.Metadata = stored?.Metadata ?? new V1ObjectMeta { Name = item.Metadata.Name, NamespaceProperty = item.Metadata.NamespaceProperty };
            return true;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            return e is ApiException { IsTransient: true } or OperationCanceledException;
        }
    }

    private async Task<T> LimitedAsync<T>(Func<CancellationToken, Task<T>> request, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(s_requestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        return await request(either.Token);
    }

    private static TimeSpan Pause(int attempt)
    {
        var pause = TimeSpan.FromSeconds(1 << (attempt - 1));
        return pause < s_longestPause ? pause : s_longestPause;
    }
}
