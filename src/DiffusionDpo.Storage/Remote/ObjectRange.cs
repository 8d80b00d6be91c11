using System.Globalization;
using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Storage.Remote;

/// <summary>A part of an object on its way here.</summary>
/// <param name="Body">Its bytes.</param>
/// <param name="ETag">Of which version.</param>
/// <param name="Start">First byte.</param>
/// <param name="Total">Bytes of the whole object.</param>
/// <param name="Response">Lets the connection go.</param>
internal sealed record ObjectRange(Stream Body, string ETag, long Start, long Total, IDisposable Response) : IDisposable
{
    /// <summary>Reads the header Content-Range, such as bytes 0-9/100.</summary>
    /// <exception cref="RemoteFailure">There is none: the service has sent the whole object, or something else.</exception>
    public static (long Start, long Total) Parse(string? contentRange)
    {
        var parts = (contentRange ?? "").Split(' ', '-', '/');
        if (parts is ["bytes", var start, _, var total]
            && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && long.TryParse(total, NumberStyles.None, CultureInfo.InvariantCulture, out var size)) return (first, size);
        throw new RemoteFailure(ExitClass.StorageError, "cannot be read: the service does not answer with the range that was asked for; use one that knows ranged reads");
    }

    /// <inheritdoc/>
    public void Dispose() => Response.Dispose();
}
