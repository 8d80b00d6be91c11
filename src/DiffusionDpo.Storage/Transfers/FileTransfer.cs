using DiffusionDpo.Storage.Local;

namespace DiffusionDpo.Storage.Transfers;

/// <summary>Objects to files of this machine and back.</summary>
public static class FileTransfer
{
    private const int PieceBytes = 16 << 20;
    private const int PiecesAtOnce = 4; // 64 MiB of memory

    /// <summary>Copies an object to a file by ranged reads side by side. A failure leaves the file behind as far as it came.</summary>
    /// <param name="store">The store that holds it.</param>
    /// <param name="info">The object, with the size that it has.</param>
    /// <param name="path">The file; replaced. Its directory exists.</param>
    /// <param name="cancellation">Stops between two pieces.</param>
    /// <exception cref="Api.Failures.RunException">As the store's reads; storage error: the file cannot be written.</exception>
    public static async Task DownloadAsync(IObjectStore store, ObjectInfo info, string path, CancellationToken cancellation = default)
    {
        var here = StorageUri.OfPath(path);
        using var file = While(here, () => File.OpenHandle(path, FileMode.Create, FileAccess.Write, preallocationSize: info.Size));
        var offsets = Enumerable.Range(0, (int)((info.Size + PieceBytes - 1) / PieceBytes)).Select(piece => (long)piece * PieceBytes);
        var options = new ParallelOptions { MaxDegreeOfParallelism = PiecesAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(offsets, options, async (offset, stop) =>
        {
            var piece = new byte[(int)Math.Min(PieceBytes, info.Size - offset)];
            await store.ReadAsync(info, offset, piece, stop).ConfigureAwait(false);
            While(here, () => Written(() => RandomAccess.Write(file, piece, offset)));
        }).ConfigureAwait(false);
        While(here, () => Written(() => Durable.FlushFile(file)));
    }

    /// <summary>Writes a file's content as an object, visible when it is whole.</summary>
    /// <param name="store">The store that will hold it.</param>
    /// <param name="path">The file.</param>
    /// <param name="uri">The object.</param>
    /// <param name="cancellation">Abandons the write.</param>
    /// <exception cref="Api.Failures.RunException">As the store's writes; input missing or storage error: the file cannot be read.</exception>
    public static async Task UploadAsync(IObjectStore store, string path, StorageUri uri, CancellationToken cancellation = default)
    {
        // Others may be writing to it or reading it: a log that goes on.
        var file = LocalFailure.WhileReading(
            StorageUri.OfPath(path), () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20));
        await using (file.ConfigureAwait(false))
            await store.WriteAsync(uri, async (destination, stop) => await file.CopyToAsync(destination, 1 << 20, stop).ConfigureAwait(false), cancellation).ConfigureAwait(false);
    }

    private static bool Written(Action write)
    {
        write();
        return true;
    }

    private static T While<T>(StorageUri uri, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception exception) when (LocalFailure.IsOfTheFileSystem(exception))
        {
            throw LocalFailure.OfWriting(uri, exception);
        }
    }
}
