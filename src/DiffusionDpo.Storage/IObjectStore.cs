using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Storage;

/// <summary>
/// Bytes by URI: the seam behind which local files, S3 and Azure Blob look alike. An object is whole or not there; no reader ever sees
/// half of one. Every failure is a <see cref="RunException"/> that names the URI: <see cref="ExitClass.InputMissing"/> (not there or not
/// readable), <see cref="ExitClass.AuthError"/> (credentials), <see cref="ExitClass.StorageError"/> (disk, network, quota),
/// <see cref="ExitClass.DataError"/> (shorter than it says). Safe for use by many threads.
/// </summary>
public interface IObjectStore
{
    /// <summary>Size and version of an object, or null where there is none.</summary>
    /// <param name="uri">The object.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<ObjectInfo?> FindAsync(StorageUri uri, CancellationToken cancellation = default);

    /// <summary>Reads a range of an object. An object that ends before the range does is a data error.</summary>
    /// <param name="uri">The object.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Filled completely.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask ReadAsync(StorageUri uri, long offset, Memory<byte> destination, CancellationToken cancellation = default);

    /// <summary>Reads a range of one version of an object. One that was replaced since is a data error, so that no two versions are ever mixed.</summary>
    /// <param name="info">The object and its version, from a listing or a look-up.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Filled completely.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask ReadAsync(ObjectInfo info, long offset, Memory<byte> destination, CancellationToken cancellation = default) =>
        ReadAsync(info.Uri, offset, destination, cancellation);

    /// <summary>
    /// Writes or replaces an object. It becomes visible, durably, when <paramref name="content"/> has returned; if that throws, the old
    /// object stands as it was and nothing of the new one remains. A remote service that carried out the last request but whose answer never
    /// came is the exception: then the new object may be there, whole.
    /// </summary>
    /// <param name="uri">The object.</param>
    /// <param name="content">Writes the bytes in order.</param>
    /// <param name="cancellation">Abandons the write.</param>
    ValueTask WriteAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default);

    /// <summary>Like <see cref="WriteAsync"/>, but only where no object of that name exists; of many writers exactly one succeeds.</summary>
    /// <param name="uri">The object.</param>
    /// <param name="content">Writes the bytes in order.</param>
    /// <param name="cancellation">Abandons the write.</param>
    /// <returns>False where an object of that name exists; it is left as it was.</returns>
    ValueTask<bool> CreateAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default);

    /// <summary>All objects below a directory at any depth, in ordinal order of their names; none where there is no such directory.</summary>
    /// <param name="directory">The directory (a prefix that ends at a slash).</param>
    /// <param name="cancellation">Ends the listing.</param>
    IAsyncEnumerable<ObjectInfo> ListAsync(StorageUri directory, CancellationToken cancellation = default);

    /// <summary>Removes an object; one that is not there is no error.</summary>
    /// <param name="uri">The object.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask DeleteAsync(StorageUri uri, CancellationToken cancellation = default);
}

/// <summary>Writes the content of an object to a stream that only moves forward.</summary>
/// <param name="destination">Where to write; do not keep it.</param>
/// <param name="cancellation">The write is abandoned.</param>
public delegate ValueTask ObjectContent(Stream destination, CancellationToken cancellation);

/// <summary>What a store knows of an object without reading it.</summary>
/// <param name="Uri">The object.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">Changes when the content is replaced; compare only tags of the same store.</param>
public sealed record ObjectInfo(StorageUri Uri, long Size, string ETag);
