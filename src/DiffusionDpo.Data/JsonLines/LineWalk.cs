using System.Runtime.CompilerServices;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.JsonLines;

/// <summary>Lines of a part of a file, through a buffer of fixed size.</summary>
internal static class LineWalk
{
    /// <summary>Longer lines are passed over.</summary>
    public const int MostOfLine = 1 << 16;

    private const int Buffer = 4 * MostOfLine;

    /// <summary>The lines between two bytes; the last one may lack its newline.</summary>
    public static async IAsyncEnumerable<TextLine> LinesAsync(
        IObjectStore store, ObjectInfo info, (long Start, long End) part, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (buffer, held, isTooLong) = (new byte[Math.Min(Buffer, part.End - part.Start)], 0, false);
        for (var (start, next) = (part.Start, part.Start); next < part.End;)
        {
            var count = (int)Math.Min(buffer.Length - held, part.End - next);
            await store.ReadAsync(info, next, buffer.AsMemory(held, count), cancellation).ConfigureAwait(false);
            var (from, first) = (0, next - held); // the byte of the file with which the buffer begins
            (next, held) = (next + count, held + count);
            while (EndOfLine(buffer, from, held, isLast: next == part.End) is { } end)
            {
                ReadOnlyMemory<byte>? line = isTooLong || end - from > MostOfLine ? null : (ReadOnlyMemory<byte>?)buffer.AsMemory(from, end - from);
                yield return new TextLine(start, first + end, line);
                (from, start, isTooLong) = (Math.Min(end + 1, held), first + end + 1, false);
            }

            if (held - from > MostOfLine) (isTooLong, from) = (true, held);
            buffer.AsSpan(from, held - from).CopyTo(buffer);
            held -= from;
        }
    }

    private static int? EndOfLine(byte[] buffer, int from, int held, bool isLast)
    {
        if (buffer.AsSpan(from, held - from).IndexOf((byte)'\n') is >= 0 and var length) return from + length;
        return isLast && held > from ? held : null;
    }
}
