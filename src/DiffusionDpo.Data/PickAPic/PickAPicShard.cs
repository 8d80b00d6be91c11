using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;
using ParquetSharp;

namespace DiffusionDpo.Data.PickAPic;

/// <summary>
/// One open shard. Reads the footer at once and then only the column chunks that are asked for, each by one ranged read, those of a group
/// side by side. Whatever the native reader says about a broken file becomes a data error that names the shard, and the row group where there
/// is one. Serves one caller at a time.
/// </summary>
internal sealed partial class PickAPicShard : IShard
{
    private const int MaxRowsPerGroup = 1 << 20; // the footer of a hostile file may claim 2⁶³
    private const int ImagesPerBatch = 32;
    private const int Footer = 1 << 16; // what the native reader looks at first; a longer footer takes it a second read

    private readonly FetchedStream _stream;
    private readonly StorageUri _uri;
    private readonly ParquetFileReader _reader;
    private readonly Dictionary<string, int> _columns;

    private PickAPicShard(FetchedStream stream, StorageUri uri)
    {
        (_stream, _uri) = (stream, uri);
        using var properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnablePageChecksumVerification();
        _reader = new ParquetFileReader(stream, properties, leaveOpen: true);
        try
        {
            _columns = TopLevelColumns(_reader.FileMetaData.Schema);
        }
        catch
        {
            _reader.Dispose();
            throw;
        }
    }

    /// <summary>Row groups of the shard.</summary>
    public int RowGroups => _reader.FileMetaData.NumRowGroups;

    /// <summary>Opens a shard and checks that the columns of a pair are there.</summary>
    public static async ValueTask<PickAPicShard> OpenAsync(IObjectStore store, ObjectInfo info, CancellationToken cancellation)
    {
        var stream = new FetchedStream(store, info);
        var footer = (int)Math.Min(Footer, info.Size);
        await stream.FetchAsync((info.Size - footer, footer), cancellation).ConfigureAwait(false);
        try
        {
            return Translate(stream, info.Uri, "", () => new PickAPicShard(stream, info.Uri));
        }
        finally
        {
            stream.Forget();
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ScannedGroup> ScanAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        string[] labels = [.. new[] { PickAPicColumn.Label0, PickAPicColumn.Label1, PickAPicColumn.HasLabel }.Where(_columns.ContainsKey)];
        for (var group = 0; group < RowGroups; group++)
        {
            await FetchAsync(group, labels, cancellation).ConfigureAwait(false);
            yield return new ScannedGroup(new GroupPlace(group), [.. ReadLabels(group).Select(row => row.Scanned)]);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<RowGroupContent> ReadAsync(GroupPlace group, IReadOnlyList<int> rows, CancellationToken cancellation)
    {
        string[] columns = [PickAPicColumn.Caption, PickAPicColumn.Image0, PickAPicColumn.Image1];
        await FetchAsync(group.Number, columns, cancellation).ConfigureAwait(false);
        var captions = ReadCaptions(group.Number);
        var (first, second) = (ReadImages(group.Number, PickAPicColumn.Image0, rows), ReadImages(group.Number, PickAPicColumn.Image1, rows));
        return new RowGroupContent([.. rows.Select(row => captions[row])], first, second, Failure: null)
        {
            Traffic = _stream.Traffic with { Needed = Translate(_stream, _uri, Place(group.Number), () => ChunkBytes(group.Number, columns)) },
        };
    }

    /// <summary>The labels of every row of a group.</summary>
    public RowLabels[] ReadLabels(int group) => Translate(_stream, _uri, Place(group), () =>
    {
        var label0 = ReadNumbers(group, PickAPicColumn.Label0);
        var label1 = _columns.ContainsKey(PickAPicColumn.Label1) ? ReadNumbers(group, PickAPicColumn.Label1) : null;
        var hasLabel = _columns.ContainsKey(PickAPicColumn.HasLabel) ? ReadFlags(group) : null;
        return label0.Select((label, row) => new RowLabels(hasLabel is null ? true : hasLabel[row], label, label1?[row])).ToArray();
    });

    /// <summary>The captions of every row of a group; null where there is none.</summary>
    public string?[] ReadCaptions(int group) => Translate(
        _stream, _uri, Place(group), () => Read<string?[]>(group, PickAPicColumn.Caption, static (reader, rows) => reader switch
        {
            LogicalColumnReader<string?> text => text.ReadAll(rows),
            _ => throw new NotSupportedException("is not text"),
        }));

    /// <summary>The encoded images of some rows of a group, in their order; null where there is none.</summary>
    /// <param name="group">Row group.</param>
    /// <param name="column">jpg_0 or jpg_1.</param>
    /// <param name="wanted">Row numbers in the group, ascending.</param>
    public byte[]?[] ReadImages(int group, string column, IReadOnlyList<int> wanted) => Translate(
        _stream, _uri, Place(group), () => Read(group, column, (reader, rows) => reader switch
        {
            LogicalColumnReader<byte[]?> bytes => Pick(bytes, rows, wanted),
            _ => throw new NotSupportedException("is not binary"),
        }));

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
    }

    /// <summary>Reads column chunks of a group into memory. What cannot be read becomes known when the columns are read.</summary>
    private async Task FetchAsync(int group, IReadOnlyList<string> columns, CancellationToken cancellation)
    {
        _stream.Forget();
        var chunks = Translate(_stream, _uri, Place(group), () => columns.Select(column => _stream.Ask(() => BeginColumn(group, column))).OfType<(long, int)>().ToArray());
        await Task.WhenAll(chunks.Select(chunk => _stream.FetchAsync(chunk, cancellation))).ConfigureAwait(false);
    }

    private void BeginColumn(int group, string column)
    {
        using var rowGroup = _reader.RowGroup(group);
        using var chunk = rowGroup.Column(_columns[column]);
    }

    private long ChunkBytes(int group, IReadOnlyList<string> columns)
    {
        using var rowGroup = _reader.RowGroup(group);
        return columns.Sum(column =>
        {
            using var chunk = rowGroup.MetaData.GetColumnChunkMetaData(_columns[column]);
            return chunk.TotalCompressedSize;
        });
    }

    private static byte[]?[] Pick(LogicalColumnReader<byte[]?> reader, int rows, IReadOnlyList<int> wanted)
    {
        var (picked, next, batch) = (new byte[]?[wanted.Count], 0, new byte[]?[ImagesPerBatch]);
        for (var row = 0; row < rows && next < wanted.Count;)
        {
            var read = reader.ReadBatch(batch.AsSpan(0, Math.Min(batch.Length, rows - row)));
            if (read == 0) throw new InvalidDataException($"ends at row {row} of {rows}");
            for (; next < wanted.Count && wanted[next] < row + read; next++)
                picked[next] = batch[wanted[next] - row];
            row += read;
        }

        return picked;
    }

    private double?[] ReadNumbers(int group, string column) => Read<double?[]>(group, column, static (reader, rows) => reader switch
    {
        LogicalColumnReader<double?> numbers => numbers.ReadAll(rows),
        LogicalColumnReader<double> numbers => [.. numbers.ReadAll(rows)],
        LogicalColumnReader<float?> numbers => [.. numbers.ReadAll(rows)],
        LogicalColumnReader<float> numbers => [.. numbers.ReadAll(rows)],
        LogicalColumnReader<long?> numbers => [.. numbers.ReadAll(rows)],
        LogicalColumnReader<long> numbers => [.. numbers.ReadAll(rows)],
        _ => throw new NotSupportedException("is not a number"),
    });

    private bool?[] ReadFlags(int group) => Read<bool?[]>(group, PickAPicColumn.HasLabel, static (reader, rows) => reader switch
    {
        LogicalColumnReader<bool?> flags => flags.ReadAll(rows),
        LogicalColumnReader<bool> flags => [.. flags.ReadAll(rows)],
        _ => throw new NotSupportedException("is not true or false"),
    });

    private T Read<T>(int group, string column, Func<LogicalColumnReader, int, T> read)
    {
        using var rowGroup = _reader.RowGroup(group);
        var rows = rowGroup.MetaData.NumRows;
        if (rows is < 0 or > MaxRowsPerGroup) throw new InvalidDataException($"{rows} rows in one row group (at most {MaxRowsPerGroup})");
        try
        {
            using var chunk = rowGroup.Column(_columns[column]);
            using var reader = chunk.LogicalReader(bufferLength: ImagesPerBatch);
            return read(reader, (int)rows);
        }
        catch (NotSupportedException exception)
        {
            throw new InvalidDataException($"the column {column} {exception.Message}", exception);
        }
        catch (Exception exception) when (IsOfTheReader(exception))
        {
            throw new InvalidDataException($"the column {column} cannot be read: {Reason(exception)}", exception);
        }
    }

    private static Dictionary<string, int> TopLevelColumns(SchemaDescriptor schema)
    {
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < schema.NumColumns; i++)
        {
            using var path = schema.Column(i).Path;
            columns.TryAdd(path.ToDotString(), i);
        }

        string[] needed = [PickAPicColumn.Caption, PickAPicColumn.Image0, PickAPicColumn.Image1, PickAPicColumn.Label0];
        var missing = needed.Where(name => !columns.ContainsKey(name)).ToArray();
        return missing.Length == 0 ? columns : throw new InvalidDataException(
            $"no column {string.Join(", ", missing)}; caption, jpg_0, jpg_1 and label_0 are needed, and it has {string.Join(", ", columns.Keys)}");
    }

    private static T Translate<T>(FetchedStream stream, StorageUri uri, string place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (IsOfTheReader(exception))
        {
            // The native reader reports a failed read of the storage as its own failure; the cause is what matters.
            throw stream.Failure ?? Broken(uri, place, Reason(exception), exception);
        }
    }

    /// <summary>What the native reader says, without the mangled name of its class that ParquetSharp puts around it.</summary>
    private static string Reason(Exception exception) =>
        exception is ParquetException && NativeMessage().Match(exception.Message) is { Success: true } match ? match.Groups[1].Value : exception.Message;

    [GeneratedRegex(@"\(message: '(.*)'\)$", RegexOptions.Singleline)]
    private static partial Regex NativeMessage();

    private static bool IsOfTheReader(Exception exception) => exception is not (RunException or OperationCanceledException);

    private static string Place(int group) => $", row group {group}";

    private static RunException Broken(StorageUri uri, string place, string reason, Exception? cause = null) => new(
        ExitClass.DataError,
        $"{uri}{place}: not readable as Pick-a-Pic parquet: {Printable.OneLine(reason)}; fetch the shard again or take it out of the source",
        cause);
}
