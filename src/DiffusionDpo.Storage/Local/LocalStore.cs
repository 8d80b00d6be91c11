using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Storage.Local;

/// <summary>
/// Files of this machine, or of a file system mounted on it. A write goes to a hidden name beside the target, is flushed to the disk and
/// then takes its name in one step; what a killed process leaves behind is never listed and never read.
/// </summary>
public sealed class LocalStore : IObjectStore
{
    private const string PartialSuffix = ".ddpo-partial";

    /// <inheritdoc/>
    public ValueTask<ObjectInfo?> FindAsync(StorageUri uri, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        return new ValueTask<ObjectInfo?>(LocalFailure.WhileReading(uri, () => InfoOf(uri)));
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(StorageUri uri, long offset, Memory<byte> destination, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var read = LocalFailure.WhileReading(uri, () => ReadFully(uri.LocalPath, offset, destination.Span));
        return read == destination.Length
            ? ValueTask.CompletedTask
            : throw new RunException(
                ExitClass.DataError,
                $"{uri} ends at byte {offset + read}, {destination.Length - read} bytes before what was expected; it was truncated or is being replaced");
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(ObjectInfo info, long offset, Memory<byte> destination, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (LocalFailure.WhileReading(info.Uri, () => InfoOf(info.Uri)) is { } now && now.ETag != info.ETag)
            throw new RunException(ExitClass.DataError, $"{info.Uri} was replaced while it was in use; do not write to data of a run, start again");
        return ReadAsync(info.Uri, offset, destination, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default) =>
        await PublishAsync(uri, content, Replace, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<bool> CreateAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default) =>
        !File.Exists(uri.LocalPath) && await PublishAsync(uri, content, Durable.Link, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public IAsyncEnumerable<ObjectInfo> ListAsync(StorageUri directory, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        return LocalFailure.WhileReading(directory, () => Below(directory).OrderBy(info => info.Uri.Key, StringComparer.Ordinal).ToArray())
            .ToAsyncEnumerable();
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(StorageUri uri, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        LocalFailure.WhileWriting(uri, () => File.Delete(uri.LocalPath), ifNoDirectory: () => { });
        return ValueTask.CompletedTask;
    }

    private static ObjectInfo? InfoOf(StorageUri uri)
    {
        var file = new FileInfo(uri.LocalPath);
        if (file.LinkTarget is not null) file = new FileInfo(file.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
        if (!file.Exists) return null;
        return new ObjectInfo(uri, file.Length, $"{file.LastWriteTimeUtc.Ticks:x}-{file.Length:x}");
    }

    private static int ReadFully(string path, long offset, Span<byte> destination)
    {
        using var file = File.OpenHandle(path);
        var done = 0;
        while (done < destination.Length && RandomAccess.Read(file, destination[done..], offset + done) is var read and > 0)
            done += read;
        return done;
    }

    private static async ValueTask<bool> PublishAsync(
        StorageUri uri, ObjectContent content, Func<string, string, bool> publish, CancellationToken cancellation)
    {
        var directory = Path.GetDirectoryName(uri.LocalPath) ?? "/";
        var partial = Path.Combine(directory, $".{uri.Name}.{Guid.NewGuid():n}{PartialSuffix}");
        try
        {
            Directory.CreateDirectory(directory);
            await WriteDurablyAsync(partial, content, cancellation).ConfigureAwait(false);
            var published = publish(partial, uri.LocalPath);
            Durable.FlushDirectory(directory);
            return published;
        }
        catch (Exception exception) when (LocalFailure.IsOfTheFileSystem(exception))
        {
            throw LocalFailure.OfWriting(uri, exception);
        }
        finally
        {
            // After a rename there is nothing under this name any more. A file system that has just failed may fail here too; the first failure counts.
            LocalFailure.Tolerate(() => File.Delete(partial));
        }
    }

    private static async ValueTask WriteDurablyAsync(string path, ObjectContent content, CancellationToken cancellation)
    {
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
        await using (file.ConfigureAwait(false))
        {
            await content(file, cancellation).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            await file.FlushAsync(cancellation).ConfigureAwait(false);
            Durable.FlushFile(file.SafeFileHandle);
        }
    }

    private static bool Replace(string partial, string path)
    {
        File.Move(partial, path, overwrite: true);
        return true;
    }

    private static IEnumerable<ObjectInfo> Below(StorageUri directory)
    {
        var entries = new DirectoryInfo(directory.LocalPath);
        if (!entries.Exists) yield break;
        foreach (var entry in entries.EnumerateFileSystemInfos())
        {
            var uri = directory.Combine(entry.Name);
            if (entry is DirectoryInfo)
            {
                // A link to a directory may lead back up, for ever; a link to a file is a file.
                if (entry.LinkTarget is not null) continue;
                foreach (var below in Below(uri))
                    yield return below;
            }
            else if (!entry.Name.EndsWith(PartialSuffix, StringComparison.Ordinal) && InfoOf(uri) is { } info)
            {
                yield return info;
            }
        }
    }
}
