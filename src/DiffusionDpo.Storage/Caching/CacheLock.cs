namespace DiffusionDpo.Storage.Caching;

/// <summary>
/// The right to change the directory of a cache, held by one thread of all processes that share it, and the bytes in use, which stand in the file that is locked.
/// A process that dies gives it back. What it had not noted yet is counted anew by the next process that begins.
/// </summary>
internal sealed class CacheLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly FileStream _file;

    private CacheLock(FileStream file) => _file = file;

    /// <summary>Bytes of all files of the cache; null: nobody has counted them yet.</summary>
    public long? Used
    {
        get
        {
            var bytes = new byte[sizeof(long)];
            return RandomAccess.Read(_file.SafeFileHandle, bytes, 0) == bytes.Length ? BitConverter.ToInt64(bytes) : null;
        }

        set => RandomAccess.Write(_file.SafeFileHandle, BitConverter.GetBytes(value ?? 0), 0);
    }

    /// <summary>Waits for the right.</summary>
    /// <param name="path">The file that stands for it.</param>
    /// <param name="time">Paces the wait.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static async ValueTask<CacheLock> TakeAsync(string path, TimeProvider time, CancellationToken cancellation)
    {
        while (true)
        {
            if (FileLock.TryOpen(path) is { } file) return new CacheLock(file);
            await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Gives it back.</summary>
    public void Dispose() => _file.Dispose();
}
