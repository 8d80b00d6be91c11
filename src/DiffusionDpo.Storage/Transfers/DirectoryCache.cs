using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Storage.Caching;
using DiffusionDpo.Storage.Local;

namespace DiffusionDpo.Storage.Transfers;

/// <summary>
/// Copies of remote directories on this machine, such as base models, kept between runs and shared by processes: each fetched once, by one of those that want it, and compared
/// with its hashes whenever it is used. A copy is whole or not there. Those not used for the longest time give way when there is too little room, but none that a
/// process holds.
/// </summary>
/// <param name="root">Where copies are kept; made where it is not there.</param>
/// <param name="capacity">Most bytes of all copies, as long as what is held by processes allows it.</param>
/// <param name="time">The clock of what was used last, and of waiting for others.</param>
public sealed class DirectoryCache(string root, long capacity, TimeProvider time)
{
    private const string LockSuffix = ".lock";
    private const string PartialSuffix = ".partial";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // another may be comparing a copy of gigabytes with its hashes

    /// <summary>A directory's copy: the one that is here if the objects are the same still (by size and ETag), or a new one.</summary>
    /// <param name="store">The store that holds the directory.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="wants">Which objects, by their names below it.</param>
    /// <param name="cancellation">Ends the wait; what is half fetched is never used.</param>
    /// <exception cref="RunException">Input missing: nothing that is wanted is there. Storage error: too little room, or the disk cannot be written. As the store's reads.</exception>
    public async Task<FetchedDirectory> FetchAsync(IObjectStore store, StorageUri directory, Func<string, bool> wants, CancellationToken cancellation = default)
    {
        var objects = new List<ObjectInfo>();
        await foreach (var info in store.ListAsync(directory, cancellation).ConfigureAwait(false))
            if (wants(info.Uri.RelativeTo(directory))) objects.Add(info);
        if (objects.Count == 0)
            throw new RunException(ExitClass.InputMissing, $"{directory}: nothing is there that could be fetched; check the address, and that its prefix may be listed");
        var path = Path.Combine(root, KeyOf(directory, objects));
        While(() => Directory.CreateDirectory(root));
        var (fetched, damaged, started) = (0L, (DateTime?)null, time.GetTimestamp());
        while (true)
        {
            // Readers hold it together; who fetches holds it alone, and looks again: another may have fetched it meanwhile.
            if (TryLock(path, FileShare.Read) is { } held)
            {
                // What this process has just fetched was hashed on the way, and a copy that it has found damaged is not hashed twice.
                var isAnother = damaged is null || damaged != MadeAt(path);
                if (isAnother && (fetched > 0 ? Directory.Exists(path) : IsSound(path))) return new FetchedDirectory(path, held, fetched);
                await held.DisposeAsync().ConfigureAwait(false);
                if (isAnother) (damaged, started) = (MadeAt(path), time.GetTimestamp());
                else if (time.GetElapsedTime(started) > Patience) throw Kept(path, directory);
            }

            using var alone = TryLock(path, FileShare.None);
            if (alone is null) await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
            else if (!IsSound(path)) fetched = await FetchAsync(store, directory, objects, path, cancellation).ConfigureAwait(false);
        }
    }

    private static DateTime? MadeAt(string path) => Directory.Exists(path) ? Directory.GetLastWriteTimeUtc(path) : null;

    private static RunException Kept(string path, StorageUri directory) => new(
        ExitClass.StorageError, $"{path} is not what was fetched from {directory}, and a process that works with it keeps it from being fetched again; end that process, and start again");

    private static string KeyOf(StorageUri directory, IEnumerable<ObjectInfo> objects)
    {
        var lines = objects.Select(info => $"{info.Uri.RelativeTo(directory)}\t{info.Size}\t{info.ETag}").Prepend(directory.ToString());
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))))[..32];
    }

    private async Task<long> FetchAsync(IObjectStore store, StorageUri directory, List<ObjectInfo> objects, string path, CancellationToken cancellation)
    {
        var (partial, bytes) = (path + PartialSuffix, objects.Sum(info => info.Size));
        While(() => Remove(path, partial));
        MakeRoom(bytes, directory);
        var files = new List<CopiedFile>();
        foreach (var info in objects)
        {
            var name = info.Uri.RelativeTo(directory);
            var target = Path.Combine(partial, name);
            While(() => Directory.CreateDirectory(Path.GetDirectoryName(target)!));
            await FileTransfer.DownloadAsync(store, info, target, cancellation).ConfigureAwait(false);
            files.Add(new CopiedFile(name, info.Size, HashOf(target)));
        }

        While(() =>
        {
            File.WriteAllText(Path.Combine(partial, CopiedFile.ListName), JsonSerializer.Serialize(files));
            Directory.Move(partial, path);
            Durable.FlushDirectory(root);
        });
        return bytes;
    }

    /// <summary>Whether a copy is here and is what it was when it was fetched; notes that it was used.</summary>
    private bool IsSound(string path)
    {
        var list = Path.Combine(path, CopiedFile.ListName);
        if (!File.Exists(list)) return false;
        try
        {
            var files = JsonSerializer.Deserialize<CopiedFile[]>(File.ReadAllText(list)) ?? [];
            if (!files.All(file => new FileInfo(Path.Combine(path, file.Name)) is { Exists: true } there && there.Length == file.Size && HashOf(there.FullName) == file.Sha256)) return false;
            File.SetLastWriteTimeUtc(list, time.GetUtcNow().UtcDateTime);
            return true;
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            return false; // fetched anew
        }
    }

    private void MakeRoom(long needed, StorageUri wanted)
    {
        While(RemoveAbandoned);
        var copies = new DirectoryInfo(root).GetDirectories().Where(each => !each.Name.EndsWith(PartialSuffix, StringComparison.Ordinal))
            .Select(each => (each.FullName, Bytes: BytesOf(each), Used: File.GetLastWriteTimeUtc(Path.Combine(each.FullName, CopiedFile.ListName)))).ToList();
        var total = copies.Sum(each => each.Bytes);
        foreach (var (path, bytes, _) in copies.OrderBy(each => each.Used).TakeWhile(_ => total + needed > capacity))
        {
            using var free = TryLock(path, FileShare.None);
            if (free is null) continue; // a process uses it
            While(() => Remove(path));
            total -= bytes;
        }

        if (total + needed > capacity)
        {
            throw new RunException(
                ExitClass.StorageError, $"{root}: {wanted} is {needed >> 20} MiB, and the cache of {capacity >> 20} MiB has no room for it beside what is in use; enlarge it");
        }
    }

    /// <summary>What fetches that were killed have left.</summary>
    private void RemoveAbandoned()
    {
        foreach (var partial in Directory.GetDirectories(root, '*' + PartialSuffix))
        {
            using var free = TryLock(partial[..^PartialSuffix.Length], FileShare.None);
            if (free is not null) Remove(partial);
        }
    }

    private static FileStream? TryLock(string path, FileShare share)
    {
        try
        {
            // Shared locks are those of readers; the file that is locked stays for ever, so that all lock the same one.
            return new FileStream(path + LockSuffix, FileMode.OpenOrCreate, share == FileShare.None ? FileAccess.ReadWrite : FileAccess.Read, share, bufferSize: 0);
        }
        catch (IOException held) when (held.HResult == FileLock.HeldByAnother)
        {
            return null;
        }
        catch (Exception failed) when (LocalFailure.IsOfTheFileSystem(failed))
        {
            throw LocalFailure.OfWriting(StorageUri.OfPath(path + LockSuffix), failed);
        }
    }

    private static long BytesOf(DirectoryInfo directory)
    {
        try
        {
            return directory.GetFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return 0; // another process has made room
        }
    }

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static void Remove(params ReadOnlySpan<string> directories)
    {
        foreach (var directory in directories)
            if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
    }

    private void While(Action change)
    {
        try
        {
            change();
        }
        catch (Exception failed) when (LocalFailure.IsOfTheFileSystem(failed))
        {
            throw LocalFailure.OfWriting(StorageUri.OfPath(root), failed);
        }
    }

    private sealed record CopiedFile(string Name, long Size, string Sha256)
    {
        public const string ListName = "ddpo-fetched.json";
    }
}
