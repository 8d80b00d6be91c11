namespace DiffusionDpo.Storage.Transfers;

/// <summary>A directory of objects as it lies in a <see cref="DirectoryCache"/>; nobody removes it until it is given back, or this process ends.</summary>
public sealed class FetchedDirectory : IDisposable
{
    private readonly FileStream _held;

    internal FetchedDirectory(string path, FileStream held, long fetchedBytes) => (Path, _held, FetchedBytes) = (path, held, fetchedBytes);

    /// <summary>The directory on this machine.</summary>
    public string Path { get; }

    /// <summary>Bytes that came over the network now; 0: all was there.</summary>
    public long FetchedBytes { get; }

    /// <summary>Gives it back: the cache may remove it when it needs room.</summary>
    public void Dispose() => _held.Dispose();
}
