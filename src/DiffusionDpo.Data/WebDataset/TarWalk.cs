using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace DiffusionDpo.Data.WebDataset;

/// <summary>Some bytes of a tar file: an offset and how many.</summary>
/// <param name="offset">First byte.</param>
/// <param name="count">Bytes; all of them exist.</param>
/// <param name="cancellation">Ends the wait.</param>
internal delegate ValueTask<ReadOnlyMemory<byte>> TarBytes(long offset, int count, CancellationToken cancellation);

/// <summary>Goes from header to header of a tar file without looking at bodies.</summary>
internal static class TarWalk
{
    private const int MostOfExtensions = 1 << 20; // a longer name is no name

    /// <summary>The files of an archive in order; directories, links and devices are passed over.</summary>
    /// <param name="bytes">The archive.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="isWhole">Whether they are all of it, so that its end has to be there: otherwise one that was cut off between two members would seem to be whole.</param>
    /// <param name="cancellation">Stops between two members.</param>
    /// <exception cref="InvalidDataException">Not a tar file, corrupt or truncated.</exception>
    public static async IAsyncEnumerable<TarMember> MembersAsync(
        TarBytes bytes, long length, bool isWhole, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (at, extensions) = (0L, new Extensions(0));
        while (at < length)
        {
            cancellation.ThrowIfCancellationRequested();
            if (length - at < TarHeader.Block) throw new InvalidDataException($"it ends at byte {length}, within a header");
            if (Parse((await bytes(at, TarHeader.Block, cancellation).ConfigureAwait(false)).Span, at) is not { } header) yield break;
            var (body, size) = (at + TarHeader.Block, header.IsFile ? extensions.Size ?? header.Size : header.Size);
            if (size > length - body) throw new InvalidDataException($"it ends at byte {length}, within the member that begins at byte {at}");
            at = NextBlock(body + size);
            if (header.Type is 'x' or 'L')
            {
                if (size > MostOfExtensions) throw new InvalidDataException($"a name of {size} bytes");
                extensions = extensions.With(header.Type, (await bytes(body, (int)size, cancellation).ConfigureAwait(false)).Span);
                continue;
            }

            if (header.IsFile) yield return new TarMember(extensions.Name ?? header.Name, extensions.Start, body, size);
            extensions = new Extensions(at);
        }

        if (isWhole) throw new InvalidDataException($"it ends at byte {length} without the block of zeros that ends an archive: it was cut off");
    }

    private static TarHeader? Parse(ReadOnlySpan<byte> block, long at)
    {
        try
        {
            return TarHeader.Parse(block);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"byte {at}: {exception.Message}", exception);
        }
    }

    private static long NextBlock(long end) => (end + TarHeader.Block - 1) / TarHeader.Block * TarHeader.Block;

    /// <summary>What headers before a member's own say of it.</summary>
    private readonly record struct Extensions(long Start, string? Name = null, long? Size = null)
    {
        public Extensions With(char type, ReadOnlySpan<byte> body) => type == 'L' ? this with { Name = TarHeader.Text(body) } : WithRecords(body);

        /// <summary>Records of pax: length in digits, space, key=value, newline; the length counts all of it.</summary>
        private Extensions WithRecords(ReadOnlySpan<byte> body)
        {
            var result = this;
            while (body.Length > 0)
            {
                var space = body.IndexOf((byte)' ');
                if (space < 1 || !int.TryParse(body[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                    || length <= space + 1 || length > body.Length)
                    throw new InvalidDataException("an extended header that is none");
                result = result.With(Encoding.UTF8.GetString(body[(space + 1)..length]).TrimEnd('\n'));
                body = body[length..];
            }

            return result;
        }

        private Extensions With(string record) => record.Split('=', 2) switch
        {
            ["path", var path] => this with { Name = path },
            ["size", var size] => this with
            {
                Size = long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                    ? value : throw new InvalidDataException("an extended header with a size that is none"),
            },
            _ => this,
        };
    }
}
