using System.Collections.Concurrent;
using System.Diagnostics;
using OperatorBench.Loading;
using OperatorBench.Processes;
using OperatorBench.Reporting;

namespace OperatorBench.Measuring;

/// <summary>
/// Event → start of its reconciliation. Fine-tunes get another label, 200 per second: nothing that the operator would write about, as with most of
/// what happens in a cluster. The time has two parts: from the moment just before the change is sent until its event is on a watch of the benchmark, and
/// what the operator's own histogram says of the time from an event's coming to a worker's taking it. The sum of their 99th percentiles is
/// at least that of the sum of times.
/// </summary>
internal static class ReconcileStarts
{
    private const int Count = 6_000;
    private const double LimitMilliseconds = 50;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(ApiSession api, OperatorProcess operatorProcess)
    {
        await using var watch = await api.WatchAsync("/apis/diffusiondpo.io/v1alpha1/dpofinetunes");
        var before = await operatorProcess.QueueWaitsAsync();
        ConcurrentDictionary<string, long> sent = new();
        var start = Stopwatch.GetTimestamp();
        await Pace.RunAsync(Count, Reactions.PerSecond, number => LabelAsync(api, Population.Active + number, sent));
        var rate = Count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        Dictionary<string, double> delivered = [];
        for (var waited = Stopwatch.GetTimestamp(); delivered.Count < Count && Stopwatch.GetElapsedTime(waited) < s_patience; await Task.Delay(50))
        {
            foreach (var (at, _, item) in watch.Take())
                if (sent.TryGetValue(item.GetProperty("metadata").GetProperty("name").GetString()!, out var since)) delivered.TryAdd(item.GetProperty("metadata").GetProperty("name").GetString()!, Stopwatch.GetElapsedTime(since, at).TotalMilliseconds);
        }

        await operatorProcess.UntilQuietAsync(s_patience);
        var waits = (await operatorProcess.QueueWaitsAsync()).Since(before);
        var delivery = Percentile.Of([.. delivered.Values], 0.99);
        var wait = waits.UpperBound(0.99) * 1000;
        return
        [
            new Figure($"event → reconcile start, p99 at {rate:0} events/s: sum of the next two", delivery + wait, "ms", LimitMilliseconds),
            new Figure("… change → its event on a watch, p99", delivery, "ms"),
            new Figure("… event → taken by a worker, p99 (upper end of the histogram's bucket)", wait, "ms"),
            new Figure("events that were not delivered", Count - delivered.Count, "", 0),
            new Figure("events that began no reconciliation", Math.Max(0, Count - waits.Count), "", 0),
        ];
    }

    private static Task LabelAsync(ApiSession api, int number, ConcurrentDictionary<string, long> sent)
    {
        var name = Population.Name(number);
        sent[name] = Stopwatch.GetTimestamp();
        return api.SendAsync("PATCH", $"{ApiSession.FineTunes(Population.Namespace(number))}/{name}", """{"metadata":{"labels":{"touched":"yes"}}}""", "application/merge-patch+json");
    }
}
