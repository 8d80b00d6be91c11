namespace DiffusionDpo.Storage.Caching;

/// <summary>What came of asking for the right to fetch a segment.</summary>
internal enum ClaimOutcome
{
    /// <summary>It is this process's to fetch.</summary>
    Granted,

    /// <summary>It is there now, or somebody else is fetching it.</summary>
    Elsewhere,

    /// <summary>The cache has no room for it.</summary>
    NoRoom,
}

/// <summary>
/// The files of a cache: finished segments, and parts, which processes are writing and have locked. A part has its full length from the start, so
/// that the bytes of all files are never more than the bound; a part whose process has died is not locked, never read, and removed. Safe for
/// many threads and processes.
/// </summary>
/// <param name="path">The directory; made where it is not there.</param>
/// <param name="bound">Most bytes of all files.</param>
/// <param name="time">The clock of what was used last.</param>
internal sealed class CacheDirectory(string path, long bound, TimeProvider time)
{
    private const string SegmentSuffix = ".segment";
    private const string PartSuffix = ".part";
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1); // a use so soon after another changes no order that matters

    private volatile bool _isCounted;

    /// <summary>Opens a finished segment and notes that it was used; null: there is none.</summary>
    public FileStream? TryOpen(SegmentKey key)
    {
        var file = new FileInfo(SegmentPath(key));
        if (!file.Exists) return null;
        try
        {
            var now = time.GetUtcNow().UtcDateTime;
            if (now - file.LastWriteTimeUtc > Freshness) file.LastWriteTimeUtc = now;
            // One that is removed meanwhile is read to its end.
            return new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (FileNotFoundException)
        {
            return null; // removed since
        }
        catch (IOException held) when (held.HResult == FileLock.HeldByAnother)
        {
            return null; // whoever finished it has not let go of it yet
        }
    }

    /// <summary>Asks for the right to fetch a segment, and for room, which the least recently used segments make.</summary>
    public async ValueTask<(ClaimOutcome Outcome, FileStream? Part)> ClaimAsync(SegmentKey key, CancellationToken cancellation)
    {
        var size = SegmentFile.Size(key);
        if (size > bound / 2) return (ClaimOutcome.NoRoom, null); // one that would push out everything else
        using var held = await LockAsync(cancellation).ConfigureAwait(false);
        if (File.Exists(SegmentPath(key))) return (ClaimOutcome.Elsewhere, null);
        if (File.Exists(PartPath(key)) && !RemoveIfAbandoned(held, new FileInfo(PartPath(key)))) return (ClaimOutcome.Elsewhere, null);
        if (held.Used + size > bound) MakeRoom(held, size);
        if (held.Used + size > bound) return (ClaimOutcome.NoRoom, null);
        held.Used += size; // before the file: a process that dies in between leaves too high a number, not too low a one
        var part = FileLock.TryOpen(PartPath(key)) ?? throw new IOException($"{PartPath(key)} is locked");
        part.SetLength(size);
        return (ClaimOutcome.Granted, part);
    }

    /// <summary>Makes a part that is written a segment.</summary>
    public async ValueTask FinishAsync(SegmentKey key, FileStream part)
    {
        using var held = await LockAsync(CancellationToken.None).ConfigureAwait(false);
        File.Move(PartPath(key), SegmentPath(key), overwrite: true);
        await part.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Removes a part that will not be finished.</summary>
    public async ValueTask AbandonAsync(SegmentKey key, FileStream part)
    {
        using var held = await LockAsync(CancellationToken.None).ConfigureAwait(false);
        await part.DisposeAsync().ConfigureAwait(false);
        Remove(held, new FileInfo(PartPath(key)));
    }

    /// <summary>Removes a segment that is not as it was written.</summary>
    public async ValueTask RemoveAsync(SegmentKey key, CancellationToken cancellation)
    {
        using var held = await LockAsync(cancellation).ConfigureAwait(false);
        Remove(held, new FileInfo(SegmentPath(key)));
    }

    private string SegmentPath(SegmentKey key) => Path.Combine(path, key.Name + SegmentSuffix);

    private string PartPath(SegmentKey key) => Path.Combine(path, key.Name + PartSuffix);

    private async ValueTask<CacheLock> LockAsync(CancellationToken cancellation)
    {
        if (!_isCounted) Directory.CreateDirectory(path);
        var held = await CacheLock.TakeAsync(Path.Combine(path, "lock"), time, cancellation).ConfigureAwait(false);
        try
        {
            if (!_isCounted || held.Used is null) Count(held);
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The first look of a process: what died processes left is removed, and what is there is counted.</summary>
    private void Count(CacheLock held)
    {
        var files = new DirectoryInfo(path).GetFiles();
        held.Used = files.Where(IsOfTheCache).Sum(file => file.Length);
        foreach (var part in files.Where(file => file.Name.EndsWith(PartSuffix, StringComparison.Ordinal)))
            RemoveIfAbandoned(held, part);
        if (held.Used > bound) MakeRoom(held, 0); // the bound may have been higher before
        _isCounted = true;
    }

    /// <summary>Removes what was not used for the longest time; a tenth more than is needed, so that the directory is not listed each time.</summary>
    private void MakeRoom(CacheLock held, long size)
    {
        foreach (var file in new DirectoryInfo(path).GetFiles('*' + SegmentSuffix).OrderBy(file => file.LastWriteTimeUtc))
        {
            if (held.Used + size <= bound - (bound / 10)) return;
            Remove(held, file);
        }
    }

    private static bool IsOfTheCache(FileInfo file) =>
        file.Name.EndsWith(SegmentSuffix, StringComparison.Ordinal) || file.Name.EndsWith(PartSuffix, StringComparison.Ordinal);

    private static bool RemoveIfAbandoned(CacheLock held, FileInfo part)
    {
        using var file = FileLock.TryOpen(part.FullName);
        if (file is null) return false;
        Remove(held, part);
        return true;
    }

    private static void Remove(CacheLock held, FileInfo file)
    {
        if (!file.Exists) return;
        var length = file.Length;
        file.Delete();
        held.Used -= length;
    }
}
