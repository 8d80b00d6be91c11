using KubeApi;
using KubeApi.Faults;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests;

/// <summary>Whoever lists and then watches sees what there is, however many write meanwhile.</summary>
public sealed class WatchConsistencyTests
{
    private const int Writers = 4;
    private const int WritesEach = 250;
    private const int FaultsAtLeast = 20;

    [Fact]
    public async Task List_and_watch_give_the_final_state_under_parallel_writers()
    {
        var server = new ApiServer();
        using var client = new ConfigMapClient(server);
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(client, writer, () => true))).ToArray();
        var (version, seen) = await client.ListAsync();
        using var watch = await client.WatchAsync($"resourceVersion={version}");
        var reading = FollowAsync(watch, seen);
        await Task.WhenAll(writing);
        await client.CreateAsync("last");
        await reading;
        Assert.Equal((await client.ListAsync()).Values.OrderBy(item => item.Key), seen.OrderBy(item => item.Key));
    }

    [Fact]
    public async Task A_client_that_relists_after_every_fault_misses_nothing()
    {
        var server = new ApiServer();
        using var client = new ConfigMapClient(server);
        server.Faults.Schedule = new SeededSchedule(3)
        {
            RequestRate = 0,
            WatchRate = 1,
            WatchKinds = [FaultKind.WatchCut, FaultKind.WatchEnd, FaultKind.WatchExpired],
        };
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(client, writer, () => server.Faults.Counts.Values.Sum() >= FaultsAtLeast))).ToArray();
        var ending = Task.WhenAll(writing).ContinueWith(_ => client.CreateAsync("last"), TaskScheduler.Default).Unwrap();
        Dictionary<string, string> seen;
        do
        {
            (var version, seen) = await client.ListAsync();
            using var watch = await client.WatchAsync($"resourceVersion={version}");
            try
            {
                await FollowAsync(watch, seen);
            }
            catch (IOException)
            {
                // Cut: list again.
            }
        }
        while (!seen.ContainsKey("last"));
        await ending;
        Assert.Equal((await client.ListAsync()).Values.OrderBy(item => item.Key), seen.OrderBy(item => item.Key));
        Assert.True(server.Faults.Counts.Values.Sum() >= FaultsAtLeast);
    }

    private static async Task WriteAsync(ConfigMapClient client, int writer, Func<bool> isEnough)
    {
        var random = new Random(writer);
        for (var count = 0; count < WritesEach || !isEnough(); count++)
        {
            var name = $"w{writer}-{random.Next(10)}";
            using var answer = random.Next(3) switch
            {
                0 => await client.CreateAsync(name, $"{count}"),
                1 => await client.SetAsync(name, $"{count}"),
                _ => await client.DeleteAsync(name),
            };
        }
    }

    private static async Task FollowAsync(WatchReading watch, Dictionary<string, string> seen)
    {
        while (!seen.ContainsKey("last") && await watch.NextAsync() is { } next)
        {
            var parts = next.Split(' ');
            if (parts[0] == "DELETED")
                seen.Remove(parts[1]);
            else if (parts[0] != "ERROR")
                seen[parts[1]] = parts[2];
        }
    }
}
