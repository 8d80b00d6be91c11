using System.Diagnostics;
using System.Text.Json;
using OperatorBench.Loading;
using OperatorBench.Reporting;

namespace OperatorBench.Measuring;

/// <summary>
/// Event → answer. Fine-tunes get another specification, 200 per second; the operator answers each with a status that has observed
/// it. Taken is the time between the two as a watch of the benchmark sees them: between the change's event, which the operator's watch gets
/// at the same moment, and the event of the operator's write. That is more than the time to the start of the reconciliation, by the
/// reconciliation itself, its request and the API server's work.
/// </summary>
internal static class Reactions
{
    public const int PerSecond = 200;
    private const int Count = 6_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(ApiSession api)
    {
        await using var watch = await api.WatchAsync("/apis/diffusiondpo.io/v1alpha1/dpofinetunes");
        var start = Stopwatch.GetTimestamp();
        await Pace.RunAsync(Count, PerSecond, number => ChangeAsync(api, Population.Active + number));
        var rate = Count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        Dictionary<string, long> changed = [];
        Dictionary<string, double> took = [];
        for (var waited = Stopwatch.GetTimestamp(); took.Count < Count && Stopwatch.GetElapsedTime(waited) < s_patience; await Task.Delay(50))
        {
            foreach (var (at, _, item) in watch.Take()) Note(at, item, changed, took);
        }

        List<double> times = [.. took.Values];
        return
        [
            new Figure($"event → status written, p50 at {rate:0} events/s, a write each", Percentile.Of(times, 0.5), "ms"),
            new Figure($"event → status written, p99 at {rate:0} events/s, a write each", Percentile.Of(times, 0.99), "ms"),
            new Figure("events without an answer", Count - took.Count, "", 0),
        ];
    }

    private static Task ChangeAsync(ApiSession api, int number) => api.SendAsync(
        "PATCH", $"{ApiSession.FineTunes(Population.Namespace(number))}/{Population.Name(number)}", """{"spec":{"ttlSecondsAfterFinished":86400}}""", "application/merge-patch+json");

    private static void Note(long at, JsonElement item, Dictionary<string, long> changed, Dictionary<string, double> took)
    {
        var name = item.GetProperty("metadata").GetProperty("name").GetString()!;
        var generation = item.GetProperty("metadata").GetProperty("generation").GetInt64();
        var observed = item.GetProperty("status").GetProperty("observedGeneration").GetInt64();
        if (observed < generation) changed.TryAdd(name, at);
        else if (changed.TryGetValue(name, out var since)) took.TryAdd(name, Stopwatch.GetElapsedTime(since, at).TotalMilliseconds);
    }
}
