using System.Collections.Concurrent;
using System.Diagnostics;
using OperatorBench.Loading;
using OperatorBench.Reporting;

namespace OperatorBench.Measuring;

/// <summary>From just before the request that creates a fine-tune until a watch of the benchmark brings its Job, at 50 per second.</summary>
internal static class Creations
{
    public const int PerSecond = 50;
    private const int Count = 1_000;
    private const double LimitMilliseconds = 500;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(ApiSession api)
    {
        await using var watch = await api.WatchAsync("/apis/batch/v1/jobs");
        ConcurrentDictionary<string, long> created = new();
        await Pace.RunAsync(Count, PerSecond, number =>
        {
            var name = $"new-{number:0000}";
            created[name] = Stopwatch.GetTimestamp();
            return api.SendAsync("POST", ApiSession.FineTunes(Templates.Namespace), Templates.Yaml(name));
        });
        Dictionary<string, double> took = [];
        for (var waited = Stopwatch.GetTimestamp(); took.Count < Count && Stopwatch.GetElapsedTime(waited) < s_patience; await Task.Delay(50))
        {
            foreach (var (at, _, item) in watch.Take())
            {
                var owner = item.GetProperty("metadata").GetProperty("ownerReferences")[0].GetProperty("name").GetString()!;
                if (created.TryGetValue(owner, out var since)) took.TryAdd(owner, Stopwatch.GetElapsedTime(since, at).TotalMilliseconds);
            }
        }

        List<double> times = [.. took.Values];
        return
        [
            new Figure($"create → Job, p50 at {PerSecond} creates/s", Percentile.Of(times, 0.5), "ms"),
            new Figure($"create → Job, p99 at {PerSecond} creates/s", Percentile.Of(times, 0.99), "ms", LimitMilliseconds),
            new Figure("fine-tunes without a Job", Count - took.Count, "", 0),
        ];
    }
}
