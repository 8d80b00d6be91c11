using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Storage.Remote;

/// <summary>
/// A ranged read over as many connections as it takes. What came before a connection broke is kept, and the rest is asked for of the same version:
/// an object that is replaced meanwhile is read from the start again, or is an error where a version was asked for.
/// </summary>
/// <param name="offset">First byte in the object.</param>
/// <param name="destination">Filled completely.</param>
/// <param name="version">The ETag that it must have; null: any, but one.</param>
internal sealed class RangedRead(long offset, Memory<byte> destination, string? version)
{
    private int done;
    private string? begun; // the version that the read began with

    /// <summary>Goes on with the read.</summary>
    /// <param name="open">Asks for bytes (offset, count) of a version, or of any.</param>
    /// <param name="cancellation">Ends it.</param>
    public async ValueTask<bool> TryAsync(Func<long, int, string?, CancellationToken, ValueTask<ObjectRange>> open, CancellationToken cancellation)
    {
        try
        {
            using var range = await open(offset + done, destination.Length - done, begun ?? version, cancellation).ConfigureAwait(false);
            if (range.Start != offset + done) throw new RemoteFailure(ExitClass.StorageError, "cannot be read: the service answers with another range than was asked for");
            if (range.Total < offset + destination.Length) throw Short(range.Total);
            begun = range.ETag;
            await FillAsync(range.Body, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (VersionChangedException) when (version is null)
        {
            (done, begun) = (0, null);
            throw RemoteFailure.Passing("it is replaced again and again while it is read", "let its writer finish");
        }
        catch (VersionChangedException)
        {
            throw new RemoteFailure(ExitClass.DataError, $"was replaced while it was in use (it had the ETag {version}); do not write to data of a run, start again");
        }
    }

    private async ValueTask FillAsync(Stream body, CancellationToken cancellation)
    {
        while (done < destination.Length)
        {
            var read = await body.ReadAsync(destination[done..], cancellation).ConfigureAwait(false);
            if (read == 0) throw RemoteFailure.Passing($"the answer ended {destination.Length - done} bytes early", "check network and service");
            done += read;
        }
    }

    private RemoteFailure Short(long total) => new(
        ExitClass.DataError,
        $"ends at byte {total}, {offset + destination.Length - Math.Max(total, offset)} bytes before what was expected; it was truncated or is being replaced");
}
