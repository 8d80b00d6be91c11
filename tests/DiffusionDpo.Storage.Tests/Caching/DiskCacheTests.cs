using System.Diagnostics;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Storage.Caching;
using Xunit;

namespace DiffusionDpo.Storage.Tests.Caching;

public sealed class DiskCacheTests : IDisposable
{
    private const int Bound = 100_000;
    private const int Segment = 10_000; // so that nine fit, with what each file has besides

    private readonly string _directory = Directory.CreateTempSubdirectory("ddpo-cache-").FullName;
    private readonly RemoteStore _remote = new();
    private readonly List<string> _troubles = [];
    private readonly ManualTime _time = new();
    private string? _mounted;

    public void Dispose()
    {
        if (_mounted is not null) Process.Start("umount", [_mounted]).WaitForExit();
        Directory.Delete(_directory, recursive: true);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Root => Path.Combine(_directory, "cache");

    private string[] Segments => Directory.GetFiles(Root, "*.segment");

    private DiskCache Cache(int bound = Bound, string? path = null) => new(path ?? Root, bound, _troubles.Add, _time);

    private async Task<byte[]> Read(DiskCache cache, string name, long offset = 0, int count = Segment, RemoteStore? from = null)
    {
        var (store, bytes) = (from ?? _remote, new byte[count]);
        await cache.ReadAsync(store, store.Info(name), offset, bytes, Stop);
        Assert.Equal(RemoteStore.BytesOf(store.Info(name), offset, count), bytes);
        return bytes;
    }

    [Fact]
    public async Task What_was_read_once_is_not_fetched_again_even_by_another_process()
    {
        var cache = Cache();
        for (var i = 0; i < 3; i++)
            await Read(cache, "a");
        await Read(Cache(), "a");
        Assert.Equal(1, _remote.Reads);
        Assert.Equal(new DiskCacheFigures(2, 1, 2 * Segment, 0), cache.Figures);
    }

    /// <summary>A segment has its name before its writer lets go of it.</summary>
    [Fact]
    public async Task A_segment_that_its_writer_still_holds_is_waited_for()
    {
        await Read(Cache(), "a");
        var held = new FileStream(Segments.Single(), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var reading = Task.Run(() => Read(new DiskCache(Root, Bound, _troubles.Add), "a"), Stop);
        await Task.Delay(100, Stop);
        Assert.False(reading.IsCompleted);
        await held.DisposeAsync();
        await reading;
        Assert.Empty(_troubles);
        Assert.Equal(1, _remote.Reads);
    }

    [Fact]
    public async Task Other_objects_versions_and_ranges_are_other_segments()
    {
        var cache = Cache();
        await Read(cache, "a");
        await Read(cache, "b");
        await Read(cache, "a", offset: 1);
        await Read(cache, "a", count: 9_999);
        _remote.ETag = "\"2\"";
        await Read(cache, "a");
        Assert.Equal(5, _remote.Reads);
        Assert.Equal(5, Segments.Length);
    }

    [Fact]
    public async Task The_least_recently_used_ones_make_room()
    {
        var cache = Cache();
        foreach (var name in "abcdefghi")
            await ReadLater(cache, name);
        await ReadLater(cache, 'a');
        Assert.Equal(9, _remote.Reads);
        await ReadLater(cache, 'j');
        Assert.Equal(10, _remote.Reads);
        await ReadLater(cache, 'a'); // it was used after all others
        Assert.Equal(10, _remote.Reads);
        await ReadLater(cache, 'b');
        Assert.Equal(11, _remote.Reads);

        async Task ReadLater(DiskCache of, char name)
        {
            _time.Advance();
            await Read(of, name.ToString());
        }
    }

    [Fact]
    public async Task All_files_together_are_never_larger_than_the_bound()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var watching = Task.Run(() => WatchAsync(stopping.Token), Stop);
        DiskCache[] caches = [Cache(), Cache(), Cache()];
        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Stop }, async (number, _) =>
            await Read(caches[number % 3], $"{number * 7 % 40}", count: 1 + (number * 7919 % 30_000)));
        await stopping.CancelAsync();
        var most = await watching;
        Assert.InRange(most, Bound / 2, Bound);
        Assert.Empty(_troubles);
        Assert.Empty(Directory.GetFiles(Root, "*.part"));
    }

    /// <summary>Looks again and again while nobody changes anything.</summary>
    private async Task<long> WatchAsync(CancellationToken stop)
    {
        var most = 0L;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var held = new FileStream(Path.Combine(Root, "lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                most = Math.Max(most, new DirectoryInfo(Root).GetFiles().Where(file => file.Name != "lock").Sum(file => file.Length));
            }
            catch (IOException)
            {
                // not there yet, or somebody has it
            }

            await Task.Yield();
        }

        return most;
    }

    [Fact]
    public async Task A_segment_that_is_not_as_it_was_written_is_fetched_again()
    {
        var cache = Cache();
        await Read(cache, "a", count: 50);
        var path = Assert.Single(Segments);
        var sound = File.ReadAllBytes(path);
        for (var at = 0; at < sound.Length; at += 3)
        {
            byte[] flipped = [.. sound];
            flipped[at] ^= 0x10;
            File.WriteAllBytes(path, flipped);
            await Read(cache, "a", count: 50);
            Assert.Equal(sound, File.ReadAllBytes(path));
            File.WriteAllBytes(path, sound[..at]);
            await Read(cache, "a", count: 50);
        }

        await Read(cache, "b", count: 50);
        File.Copy(Segments.Single(each => each != path), path, overwrite: true);
        await Read(cache, "a", count: 50);
        Assert.Equal((2 * ((sound.Length + 2) / 3)) + 1, cache.Figures.Corrupt);
    }

    [Fact]
    public async Task A_part_that_a_dead_process_left_is_not_read_and_does_not_block()
    {
        await Read(Cache(), "a");
        var part = Path.ChangeExtension(Assert.Single(Segments), ".part");
        File.Move(Segments[0], part);
        await Read(Cache(), "a");
        Assert.Equal(2, _remote.Reads);
        Assert.False(File.Exists(part));
        File.WriteAllBytes(part, new byte[Bound]); // and it counts for nothing
        await Read(Cache(), "b");
        Assert.False(File.Exists(part));
        Assert.Equal(2, Segments.Length);
    }

    [Fact]
    public async Task A_segment_that_another_process_is_fetching_is_waited_for()
    {
        await Read(Cache(), "a");
        var (segment, content) = (Segments[0], File.ReadAllBytes(Segments[0]));
        var part = Path.ChangeExtension(segment, ".part");
        File.Move(segment, part);
        Task waiting;
        using (new FileStream(part, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            waiting = Read(Cache(), "a");
            await Task.Delay(100, Stop);
            Assert.False(waiting.IsCompleted);
            File.Move(part, segment);
        }

        await waiting;
        Assert.Equal(1, _remote.Reads);
        Assert.Equal(content, File.ReadAllBytes(segment));
    }

    [Fact]
    public async Task Many_who_want_the_same_fetch_it_once()
    {
        var slow = new RemoteStore { BeforeRead = stop => Task.Delay(100, stop) };
        DiskCache[] caches = [Cache(), Cache()];
        await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Read(caches[number % 2], "a", from: slow)));
        Assert.Equal(1, slow.Reads);
    }

    [Fact]
    public async Task A_read_that_fails_leaves_nothing()
    {
        var cache = Cache();
        _remote.Fails = true;
        await Assert.ThrowsAsync<RunException>(() => Read(cache, "a"));
        Assert.Equal(["lock"], Directory.GetFiles(Root).Select(Path.GetFileName));
        _remote.Fails = false;
        await Read(cache, "a");
        await Read(cache, "a");
        Assert.Equal(2, _remote.Reads);
        Assert.Empty(_troubles);
    }

    [Fact]
    public async Task A_read_that_is_cancelled_leaves_nothing()
    {
        using var stopping = new CancellationTokenSource();
        var store = new RemoteStore { BeforeRead = async stop => { await stopping.CancelAsync(); stop.ThrowIfCancellationRequested(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Cache().ReadAsync(store, store.Info("a"), 0, new byte[10], stopping.Token));
        Assert.Equal(["lock"], Directory.GetFiles(Root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_is_larger_than_half_of_the_bound_is_read_through()
    {
        await Read(Cache(), "a", count: (Bound / 2) + 1);
        Assert.Empty(_troubles);
        Assert.False(Directory.Exists(Root) && Segments.Length > 0);
    }

    [Fact]
    public async Task A_lower_bound_is_kept_from_the_first_use()
    {
        var cache = Cache();
        foreach (var name in "abcdefghi")
            await Read(cache, name.ToString());
        await Read(Cache(bound: Bound / 2), "k");
        Assert.InRange(new DirectoryInfo(Root).GetFiles().Sum(file => file.Length), 1, Bound / 2);
    }

    [Fact]
    public async Task A_full_disk_is_said_once_and_reading_goes_on()
    {
        var disk = Directory.CreateDirectory(Path.Combine(_directory, "small")).FullName;
        using (var mounting = Process.Start(new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]) { RedirectStandardError = true })!)
        {
            await mounting.WaitForExitAsync(Stop);
            Assert.SkipUnless(mounting.ExitCode == 0, "a small file system can only be mounted by root");
        }

        _mounted = disk;
        var cache = Cache(bound: 10_000_000, path: disk);
        foreach (var name in "abcdefghijklmnop")
            await Read(cache, name.ToString());
        Assert.Equal(16, _remote.Reads);
        Assert.Equal($"the disk cache {disk} cannot be used: No space left on device", Assert.Single(_troubles).Split(" : ")[0].Split("; ")[0]);
        await Read(cache, "a");
        Assert.Equal(16, _remote.Reads); // what fits is kept
        Assert.Empty(Directory.GetFiles(disk, "*.part"));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_used_is_said_once_and_reading_goes_on()
    {
        File.WriteAllText(Root, "not a directory");
        var cache = Cache();
        for (var i = 0; i < 3; i++)
            await Read(cache, "a");
        Assert.Equal(3, _remote.Reads);
        Assert.Contains(Root, Assert.Single(_troubles), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', _troubles[0]);
    }

    [Fact]
    public async Task Options_say_where_and_how_large()
    {
        Assert.Null(DiskCache.Of(new DiskCacheOptions()));
        var cache = DiskCache.Of(new DiskCacheOptions { Path = Root, Size = "1Mi" })!;
        await Read(cache, "a", count: 500_000);
        await Read(cache, "b", count: 600_000); // more than half of it
        await Read(cache, "a", count: 500_000);
        Assert.Equal((1, 2), (cache.Figures.Hits, cache.Figures.Misses));
        Assert.Single(Segments);
    }

    [Fact]
    public async Task Files_of_this_machine_are_not_copied()
    {
        var uri = StorageUri.OfPath(Path.Combine(_directory, "local"));
        File.WriteAllBytes(uri.LocalPath, new byte[100]);
        var stores = new Stores().Through(Cache());
        await stores.For(uri).ReadAsync(uri, 0, new byte[100], Stop);
        Assert.False(Directory.Exists(Root));
        Assert.Same(stores.For(uri), stores.For(uri));
    }

    /// <summary>A clock that goes on by a minute when it is told; waiting is real.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddYears(60);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance() => _now += TimeSpan.FromMinutes(1);
    }
}
