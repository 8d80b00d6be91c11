using System.Runtime.CompilerServices;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.JsonLines;

/// <summary>A file of preference lines. Its images are objects of their own, read when they are wanted; a line that is wrong is a bad row.</summary>
/// <param name="stores">Where file and images are.</param>
/// <param name="info">The file.</param>
internal sealed class JsonLinesShard(Stores stores, ObjectInfo info) : IShard
{
    private const int RowsPerGroup = 64;
    private const int ImagesAtOnce = 8;

    private readonly IObjectStore _store = stores.For(info.Uri);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ScannedGroup> ScanAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var (rows, number, line, start, end) = (new List<ScannedRow>(), 0, 0, 0L, 0L);
        var wasTooLong = false;
        await foreach (var text in LineWalk.LinesAsync(_store, info, (0, info.Size), cancellation).ConfigureAwait(false))
        {
            line++;
            if (IsBlank(text)) continue;
            // A line that is too long is a group of its own, which nobody reads.
            if (rows.Count == RowsPerGroup || (rows.Count > 0 && (text.Bytes is null || wasTooLong || end - start > LineWalk.MostOfLine * RowsPerGroup)))
            {
                yield return new ScannedGroup(new GroupPlace(number++, start, end - start), rows);
                rows = [];
            }

            if (rows.Count == 0) start = text.Start;
            rows.Add(Scan(text, line));
            (end, wasTooLong) = (text.End, text.Bytes is null);
        }

        if (rows.Count > 0) yield return new ScannedGroup(new GroupPlace(number, start, end - start), rows);
    }

    /// <inheritdoc/>
    public async ValueTask<RowGroupContent> ReadAsync(GroupPlace group, IReadOnlyList<int> rows, CancellationToken cancellation)
    {
        var lines = await ReadLinesAsync(group, rows, cancellation).ConfigureAwait(false);
        var (images, reasons) = (new byte[]?[2 * lines.Length], new string?[2 * lines.Length]);
        await Parallel.ForAsync(
            0,
            images.Length,
            new ParallelOptions { MaxDegreeOfParallelism = ImagesAtOnce, CancellationToken = cancellation },
            async (number, stop) =>
            {
                var line = lines[number / 2];
                (images[number], reasons[number]) =
                    await FetchAsync(number % 2 == 0 ? line.Image0 : line.Image1, number % 2, stop).ConfigureAwait(false);
            }).ConfigureAwait(false);
        return new RowGroupContent(
            [.. lines.Select(line => line.Prompt)],
            [.. images.Where((_, number) => number % 2 == 0)],
            [.. images.Where((_, number) => number % 2 == 1)],
            Failure: null)
        {
            ImageNames = ("image0", "image1"),
            Reasons = [.. reasons.Chunk(2).Select(pair => pair[0] ?? pair[1])],
            Traffic = new ReadTraffic(1 + images.Length, group.Length + images.Sum(Bytes), images.Sum(Bytes)),
        };
    }

    private static long Bytes(byte[]? image) => image?.Length ?? 0;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static ScannedRow Scan(TextLine text, int line)
    {
        try
        {
            return text.Bytes is { } bytes
                ? new ScannedRow(PreferenceLine.Parse(WithoutMark(text, bytes)).Verdict)
                : ScannedRow.Bad($"line {line}: longer than {LineWalk.MostOfLine} bytes");
        }
        catch (InvalidDataException exception)
        {
            return ScannedRow.Bad($"line {line}: {exception.Message}");
        }
    }

    private async Task<PreferenceLine[]> ReadLinesAsync(GroupPlace group, IReadOnlyList<int> rows, CancellationToken cancellation)
    {
        if (group.Offset < 0 || group.Length < 0 || group.Offset + group.Length > info.Size) throw Changed(group);
        var wanted = new List<PreferenceLine>();
        var row = 0;
        await foreach (var text in LineWalk.LinesAsync(_store, info, (group.Offset, group.Offset + group.Length), cancellation).ConfigureAwait(false))
        {
            if (IsBlank(text)) continue;
            if (wanted.Count < rows.Count && rows[wanted.Count] == row++) wanted.Add(ParseAgain(text, group));
        }

        return wanted.Count == rows.Count ? [.. wanted] : throw Changed(group);
    }

    private PreferenceLine ParseAgain(TextLine text, GroupPlace group)
    {
        try
        {
            return PreferenceLine.Parse(WithoutMark(text, text.Bytes ?? throw Changed(group)));
        }
        catch (InvalidDataException)
        {
            throw Changed(group);
        }
    }

    /// <summary>An image; or, where it cannot be had and no retry would help, the reason.</summary>
    private async ValueTask<(byte[]? Image, string? Reason)> FetchAsync(string address, int number, CancellationToken cancellation)
    {
        try
        {
            var uri = ImageAddress.Resolve(info.Uri, address);
            var store = stores.For(uri);
            if (await store.FindAsync(uri, cancellation).ConfigureAwait(false) is not { } image) return (null, $"image{number}: {uri} does not exist");
            if (image.Size is 0 or > EncodedImage.MostBytes) return (null, $"image{number}: {uri} has {image.Size} bytes");
            var bytes = new byte[image.Size];
            await store.ReadAsync(uri, 0, bytes, cancellation).ConfigureAwait(false);
            return (bytes, null);
        }
        catch (RunException failure) when (failure.ExitClass is ExitClass.InputMissing or ExitClass.DataError or ExitClass.ConfigurationError)
        {
            return (null, $"image{number}: {Printable.OneLine(failure.Message)}");
        }
    }

    private static bool IsBlank(TextLine text) => text.Bytes is { } bytes && bytes.Span.Trim(" \t\r"u8).IsEmpty;

    /// <summary>A file may begin with the mark of UTF-8.</summary>
    private static ReadOnlyMemory<byte> WithoutMark(TextLine text, ReadOnlyMemory<byte> bytes) =>
        text.Start == 0 && bytes.Span.StartsWith<byte>([0xEF, 0xBB, 0xBF]) ? bytes[3..] : bytes;

    private RunException Changed(GroupPlace group) => new(
        ExitClass.DataError, $"{info.Uri}: other lines than before are at byte {group.Offset}; it was replaced: scan the source again");
}
