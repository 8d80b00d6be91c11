using DiffusionDpo.Api.Plans;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Caching;

namespace DiffusionDpo.Training.Runs;

/// <summary>Where a run's pairs are read from: through its disk cache, where it has one.</summary>
internal sealed class PairStores
{
    private string? trouble; // told by any thread

    /// <summary>The stores of a run.</summary>
    public PairStores(RunFile file)
    {
        Cache = DiskCache.Of(file.Data.DiskCache, reason => Volatile.Write(ref trouble, reason));
        Stores = Stores.Of(file.Storage).Through(Cache);
    }

    /// <summary>The stores.</summary>
    public Stores Stores { get; }

    /// <summary>The cache before them; null: none.</summary>
    public DiskCache? Cache { get; }

    /// <summary>Why the cache cannot be used, where that was not asked before.</summary>
    public string? TakeTrouble() => Interlocked.Exchange(ref trouble, null);
}
