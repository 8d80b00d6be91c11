using System.Globalization;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Storage.Caching;

/// <summary>
/// Bytes of remote objects on a local disk: segments by address, version, offset and length, at most so many bytes of them, the least recently used
/// ones removed first. A segment is read back only if its hash is that of what was written. Processes that share the directory fetch a segment once;
/// one that is killed leaves nothing that is read. A disk that fails or is full is said once, and reading goes on without it. Thread-safe.
/// </summary>
public sealed class DiskCache
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // for somebody else's fetch

    private readonly CacheDirectory _directory;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Action<string>? _onTrouble;
    private long _hits;
    private long _misses;
    private long _hitBytes;
    private long _corrupt;
    private int _isTroubled;

    /// <summary>A cache in a directory, which other processes may share.</summary>
    /// <param name="path">A directory on a local disk; made where it is not there.</param>
    /// <param name="bound">Most bytes of its files.</param>
    /// <param name="onTrouble">Told once, in one line, why the cache cannot be used.</param>
    /// <param name="time">The clock.</param>
    public DiskCache(string path, long bound, Action<string>? onTrouble = null, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        (_path, _onTrouble, _time) = (path, onTrouble, time ?? TimeProvider.System);
        _directory = new CacheDirectory(path, bound, _time);
    }

    /// <summary>The cache that options describe; null: none.</summary>
    /// <param name="options">data.diskCache.</param>
    /// <param name="onTrouble">Told once, in one line, why the cache cannot be used.</param>
    public static DiskCache? Of(DiskCacheOptions options, Action<string>? onTrouble = null) =>
        options.Path.Length == 0 ? null : new DiskCache(options.Path, BytesOf(options.Size), onTrouble);

    /// <summary>What it has been good for so far, in this process.</summary>
    public DiskCacheFigures Figures => new(
        Interlocked.Read(ref _hits), Interlocked.Read(ref _misses), Interlocked.Read(ref _hitBytes), Interlocked.Read(ref _corrupt));

    /// <summary>Reads a range of an object: of the disk, or of its store, and then keeps it.</summary>
    /// <param name="store">The store that holds the object.</param>
    /// <param name="info">The object in one version, whose bytes never change.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Filled completely.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="RunException">The store cannot read it.</exception>
    public async ValueTask ReadAsync(
        IObjectStore store, ObjectInfo info, long offset, Memory<byte> destination, CancellationToken cancellation = default)
    {
        var key = new SegmentKey(info, offset, destination.Length);
        var (isFilled, part) = await FindOrClaimAsync(key, destination, cancellation).ConfigureAwait(false);
        if (isFilled)
        {
            Interlocked.Increment(ref _hits);
            Interlocked.Add(ref _hitBytes, destination.Length);
            return;
        }

        Interlocked.Increment(ref _misses);
        try
        {
            await store.ReadAsync(info, offset, destination, cancellation).ConfigureAwait(false);
        }
        catch when (part is not null)
        {
            await TryAsync(() => _directory.AbandonAsync(key, part)).ConfigureAwait(false);
            throw;
        }

        if (part is not null) await KeepAsync(key, part, destination).ConfigureAwait(false);
    }

    /// <summary>Fills the destination from the disk; or gives the part to write to, where there is one.</summary>
    private async ValueTask<(bool IsFilled, FileStream? Part)> FindOrClaimAsync(
        SegmentKey key, Memory<byte> destination, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            try
            {
                if (await FindAsync(key, destination, cancellation).ConfigureAwait(false)) return (true, null);
                var (outcome, part) = await _directory.ClaimAsync(key, cancellation).ConfigureAwait(false);
                if (outcome != ClaimOutcome.Elsewhere) return (false, part);
            }
            catch (Exception exception) when (IsOfTheDisk(exception))
            {
                Say(exception);
                return (false, null);
            }

            if (_time.GetElapsedTime(started) > Patience) return (false, null);
            await Task.Delay(Pause, _time, cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> FindAsync(SegmentKey key, Memory<byte> destination, CancellationToken cancellation)
    {
        using (var file = _directory.TryOpen(key))
        {
            if (file is null) return false;
            if (SegmentFile.Read(file.SafeFileHandle, key, destination.Span)) return true;
        }

        Interlocked.Increment(ref _corrupt);
        await _directory.RemoveAsync(key, cancellation).ConfigureAwait(false);
        return false;
    }

    private async ValueTask KeepAsync(SegmentKey key, FileStream part, Memory<byte> content)
    {
        var isKept = await TryAsync(() =>
        {
            SegmentFile.Write(part.SafeFileHandle, key, content.Span);
            return _directory.FinishAsync(key, part);
        }).ConfigureAwait(false);
        if (!isKept) await TryAsync(() => _directory.AbandonAsync(key, part)).ConfigureAwait(false);
    }

    private async ValueTask<bool> TryAsync(Func<ValueTask> change)
    {
        try
        {
            await change().ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (IsOfTheDisk(exception))
        {
            Say(exception);
            return false;
        }
    }

    private void Say(Exception exception)
    {
        if (Interlocked.Exchange(ref _isTroubled, 1) == 1) return;
        _onTrouble?.Invoke(
            $"the disk cache {_path} cannot be used: {exception.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ')}; reading goes on without it, from where the data is");
    }

    /// <summary>Digits and a unit; the pattern of the option lets nothing else through.</summary>
    private static long BytesOf(string size) => long.Parse(size[..^2], NumberStyles.None, CultureInfo.InvariantCulture) * size[^2] switch
    {
        'M' => 1L << 20, 'G' => 1L << 30, _ => 1L << 40,
    };

    private static bool IsOfTheDisk(Exception exception) => exception is IOException or UnauthorizedAccessException;
}
