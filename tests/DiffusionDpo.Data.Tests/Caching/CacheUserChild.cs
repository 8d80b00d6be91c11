using DiffusionDpo.Storage.Caching;
using DiffusionDpo.Storage.Tests.Caching;

namespace DiffusionDpo.Data.Tests.Caching;

/// <summary>A process that reads segments through a cache that it shares with others, until it is killed or has read so many.</summary>
internal static class CacheUserChild
{
    public const string Command = "use-disk-cache";
    public const int Bound = 400_000;
    public const int Objects = 60;
    private const int Wrong = 3;

    /// <summary>Reads the objects over and over, in an order of its own, and looks at every byte.</summary>
    public static async Task<int> RunAsync(string directory, int seed, int reads)
    {
        var cache = new DiskCache(directory, Bound, Console.Error.WriteLine);
        var store = new RemoteStore();
        Console.WriteLine("begun");
        for (var number = 0L; number < reads; number++)
        {
            if (!await IsRightAsync(cache, store, (int)((number * 37) + (seed * 13)) % Objects)) return Wrong;
        }

        Console.WriteLine($"fetched {store.Reads}");
        return 0;
    }

    public static async Task<bool> IsRightAsync(DiskCache cache, RemoteStore store, int number)
    {
        var (info, bytes) = (store.Info($"{number}"), new byte[5_000 + (number * 100)]);
        await cache.ReadAsync(store, info, 0, bytes);
        return bytes.AsSpan().SequenceEqual(RemoteStore.BytesOf(info, 0, bytes.Length));
    }
}
