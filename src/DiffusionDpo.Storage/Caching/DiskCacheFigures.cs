namespace DiffusionDpo.Storage.Caching;

/// <summary>What a cache has been good for.</summary>
/// <param name="Hits">Reads that the disk answered.</param>
/// <param name="Misses">Reads that the object's own store answered.</param>
/// <param name="HitBytes">Bytes that were not fetched.</param>
/// <param name="Corrupt">Segments that were not as they were written, and were fetched again.</param>
public readonly record struct DiskCacheFigures(long Hits, long Misses, long HitBytes, long Corrupt);
