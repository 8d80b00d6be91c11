using System.Diagnostics;
using System.Text.Json;
using OperatorBench.Loading;
using OperatorBench.Processes;
using OperatorBench.Reporting;

namespace OperatorBench.Measuring;

/// <summary>
/// From the signal that ends the leader of two operators until the other one has the Lease, and until it has made the Job of a fine-tune that
/// nobody saw before the leader's end. After SIGTERM the Lease is released; after SIGKILL it has to run out.
/// </summary>
internal static class Failovers
{
    private const int Count = 5;
    private const double GracefulSeconds = 3, CrashSeconds = 17;
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(ApiSession api, Func<OperatorProcess> start)
    {
        var leader = start();
        try
        {
            await leader.UntilLeadsAsync();
            return
            [
                .. await MeasureAsync("graceful", GracefulSeconds, static old => old.TerminateAsync()),
                .. await MeasureAsync("crash", CrashSeconds, static old => old.KillAsync()),
            ];
        }
        finally
        {
            await leader.DisposeAsync();
        }

        async Task<IEnumerable<Figure>> MeasureAsync(string how, double limit, Func<OperatorProcess, Task> end)
        {
            List<double> leases = [], jobs = [];
            for (var number = 0; number < Count; number++)
            {
                var other = start();
                await other.UntilSyncedAsync();
                await other.UntilQuietAsync(s_warmUp);
                var (lease, job) = await FailAsync(api, leader, end, $"failover-{how}-{number}");
                leases.Add(lease);
                jobs.Add(job);
                await leader.DisposeAsync();
                leader = other;
            }

            return [.. Spread($"{how} failover to the Lease", leases, limit), .. Spread($"{how} failover to the first Job", jobs, limit)];
        }
    }

    private static async Task<(double Lease, double Job)> FailAsync(ApiSession api, OperatorProcess leader, Func<OperatorProcess, Task> end, string fineTune)
    {
        await using var leases = await api.WatchAsync(Leases);
        await using var jobs = await api.WatchAsync("/apis/batch/v1/jobs");
        var old = leader.Identity;
        var start = Stopwatch.GetTimestamp();
        await end(leader);
        await api.SendAsync("POST", ApiSession.FineTunes(Templates.Namespace), Templates.Yaml(fineTune));
        var lease = await UntilAsync(leases, item => item.GetProperty("spec").TryGetProperty("holderIdentity", out var holder) && holder.GetString() is { Length: > 0 } name && name != old);
        var job = await UntilAsync(jobs, item => item.GetProperty("metadata").GetProperty("ownerReferences")[0].GetProperty("name").GetString() == fineTune);
        return (Stopwatch.GetElapsedTime(start, lease).TotalSeconds, Stopwatch.GetElapsedTime(start, job).TotalSeconds);
    }

    private static async Task<long> UntilAsync(Watch watch, Func<JsonElement, bool> wanted)
    {
        for (var waited = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(waited) < s_patience; await Task.Delay(20))
        {
            foreach (var (at, _, item) in watch.Take())
            {
                if (wanted(item)) return at;
            }
        }

        throw new TimeoutException($"no failover within {s_patience}");
    }

    private static IEnumerable<Figure> Spread(string what, List<double> seconds, double limit) =>
    [
        new($"{what}, least of {Count}", seconds.Min(), "s"),
        new($"{what}, median", Percentile.Of(seconds, 0.5), "s"),
        new($"{what}, most", seconds.Max(), "s", limit),
    ];
}
