using System.Diagnostics;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Storage.Caching;
using DiffusionDpo.Storage.Tests.Caching;
using Xunit;

namespace DiffusionDpo.Data.Tests.Caching;

public sealed class SharedDiskCacheTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ddpo-shared-cache-").FullName;
    private readonly List<string> _troubles = [];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Process Begin(int seed, int reads = int.MaxValue)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [CacheUserChild.Command, _directory, $"{seed}", $"{reads}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        Assert.Equal("begun", process.StandardOutput.ReadLine());
        return process;
    }

    [Fact]
    public async Task Whoever_is_killed_leaves_nothing_that_is_read_or_counts()
    {
        var random = new CounterRandom(1, 0, 0, DrawPurpose.Synthesis);
        using var survivor = Begin(seed: 99);
        for (var round = 0; round < 10; round++)
        {
            using var victim = Begin(round);
            await Task.Delay(random.NextInt(60), Stop);
            victim.Kill();
            await victim.WaitForExitAsync(Stop);
        }

        Assert.False(survivor.HasExited, await Complaints(survivor));
        survivor.Kill();
        await survivor.WaitForExitAsync(Stop);
        var (cache, store) = (new DiskCache(_directory, CacheUserChild.Bound, _troubles.Add), new RemoteStore());
        for (var number = 0; number < CacheUserChild.Objects; number++)
            Assert.True(await CacheUserChild.IsRightAsync(cache, store, number));
        Assert.Empty(_troubles);
        Assert.Equal(0, cache.Figures.Corrupt);
        Assert.InRange(cache.Figures.Hits, 1, CacheUserChild.Objects - 1);
        Assert.Empty(Directory.GetFiles(_directory, "*.part"));
        Assert.InRange(new DirectoryInfo(_directory).GetFiles("*.segment").Sum(file => file.Length), CacheUserChild.Bound / 2, CacheUserChild.Bound);
    }

    [Fact]
    public async Task Processes_that_read_the_same_fetch_it_once_together()
    {
        Process[] processes = [.. Enumerable.Range(0, 4).Select(_ => Begin(seed: 1, reads: 25))]; // 25 objects of 60, which fit
        var fetched = 0;
        foreach (var process in processes)
        {
            var last = await process.StandardOutput.ReadToEndAsync(Stop);
            await process.WaitForExitAsync(Stop);
            Assert.True(process.ExitCode == 0, await Complaints(process));
            fetched += int.Parse(last.Split(' ')[1]);
            process.Dispose();
        }

        Assert.Equal(25, fetched);
    }

    private static async Task<string> Complaints(Process process) => process.HasExited ? await process.StandardError.ReadToEndAsync(Stop) : "";
}
