using System.Security.Cryptography;
using ParquetSharp;

namespace DiffusionDpo.Data.PickAPic;

/// <summary>Writes shards in the schema of Pick-a-Pic v1/v2: its 19 columns in order, all nullable, as pandas writes them.</summary>
public static class PickAPicWriter
{
    /// <summary>Writes one shard.</summary>
    /// <param name="destination">Takes the file; left open.</param>
    /// <param name="records">The rows in order.</param>
    /// <param name="rowsPerGroup">Rows per row group, the unit in which images are read back.</param>
    public static void Write(Stream destination, IEnumerable<PickAPicRecord> records, int rowsPerGroup = 100)
    {
        using var builder = new WriterPropertiesBuilder();
        using var properties = builder.Compression(Compression.Snappy).EnablePageChecksum().Build();
        using var writer = new ParquetFileWriter(destination, [.. Columns.Select(column => column.Definition)], null!, properties, null!, leaveOpen: true);
        var firstRow = 0L;
        foreach (var rows in records.Chunk(rowsPerGroup))
        {
            using var group = writer.AppendRowGroup();
            foreach (var column in Columns)
                column.Write(group, rows, firstRow);
            firstRow += rows.Length;
        }

        writer.Close();
    }

    private static readonly ColumnWriting[] Columns =
    [
        Of<bool?>("are_different", (row, _) => row.Label0 != 0.5),
        Of("best_image_uid", (row, _) => row.Label0 switch { 1 => Uid(row.Image0), 0 => Uid(row.Image1), _ => "" }),
        Of(PickAPicColumn.Caption, (row, _) => row.Caption!),
        Of<DateTimeNanos?>("created_at", (row, _) => new DateTimeNanos(row.CreatedAt)),
        Of<bool?>(PickAPicColumn.HasLabel, (row, _) => row.HasLabel),
        Of("image_0_uid", (row, _) => Uid(row.Image0)),
        Of("image_0_url", (_, _) => ""),
        Of("image_1_uid", (row, _) => Uid(row.Image1)),
        Of("image_1_url", (_, _) => ""),
        Of(PickAPicColumn.Image0, (row, _) => row.Image0!),
        Of(PickAPicColumn.Image1, (row, _) => row.Image1!),
        Of(PickAPicColumn.Label0, (row, _) => row.Label0),
        Of(PickAPicColumn.Label1, (row, _) => row.Label1 ?? 1 - row.Label0),
        Of("model_0", (_, _) => ""),
        Of("model_1", (_, _) => ""),
        Of<long?>("ranking_id", (_, number) => number),
        Of<long?>("user_id", (_, _) => 0),
        Of<long?>("num_example_per_prompt", (_, _) => 1),
        Of<long?>("__index_level_0__", (_, number) => number),
    ];

    private static string Uid(byte[]? image) => image is null ? "" : new Guid(SHA256.HashData(image).AsSpan(0, 16)).ToString();

    private static ColumnWriting Of<T>(string name, Func<PickAPicRecord, long, T> value) => new(
        new Column<T>(name),
        (group, rows, firstRow) =>
        {
            using var column = group.NextColumn().LogicalWriter<T>();
            column.WriteBatch([.. rows.Select((row, i) => value(row, firstRow + i))]);
        });

    private sealed record ColumnWriting(Column Definition, Action<RowGroupWriter, PickAPicRecord[], long> Write);
}
