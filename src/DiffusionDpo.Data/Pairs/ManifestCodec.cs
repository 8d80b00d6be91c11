using System.Security.Cryptography;
using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Pairs;

/// <summary>
/// The bytes of a manifest: a mark with the version; sources, shards, groups with two bits for each row, bad shards; the manifest's own hash;
/// SHA-256 of all that. Numbers take as many bytes as they need. A million pairs are a few hundred kilobytes.
/// </summary>
internal static class ManifestCodec
{
    private const int RowsPerByte = 4;

    private static readonly byte[] Mark = "ddpo manifest 2\n"u8.ToArray();

    /// <summary>Writes a manifest down.</summary>
    public static byte[] Encode(PairManifest manifest, IReadOnlyList<DataSource> sources)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(Mark);
        WriteAll(writer, sources, Write);
        WriteAll(writer, manifest.Shards, Write);
        WriteAll(writer, manifest.BadShards, Write);
        writer.Write(manifest.Hash);
        writer.Flush();
        writer.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is not that, or not as it was written.</exception>
    public static (PairManifest Manifest, IReadOnlyList<DataSource> Sources) Decode(byte[] bytes)
    {
        if (!bytes.AsSpan().StartsWith(Mark)) throw new InvalidDataException("it is no manifest of this version");
        var length = bytes.Length - SHA256.HashSizeInBytes;
        if (length < Mark.Length || !SHA256.HashData(bytes.AsSpan(0, length)).AsSpan().SequenceEqual(bytes.AsSpan(length)))
            throw new InvalidDataException("its bytes are not those that were written");
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, Mark.Length, length - Mark.Length), Encoding.UTF8);
            var (sources, shards, bad) = (ReadAll(reader, ReadSource), ReadAll(reader, ReadShard), ReadAll(reader, ReadBadShard));
            var manifest = new PairManifest(shards) { BadShards = bad };
            return manifest.Hash == reader.ReadString() ? (manifest, sources) : throw new InvalidDataException("its hash is of another order of pairs");
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or OverflowException or ArgumentException or RunException)
        {
            throw new InvalidDataException("it is not whole", exception);
        }
    }

    private static void Write(BinaryWriter writer, DataSource source)
    {
        writer.Write(source.Uri);
        writer.Write(ShardFormats.NameOf(source.Format));
    }

    private static DataSource ReadSource(BinaryReader reader) => new() { Uri = reader.ReadString(), Format = ShardFormats.Named(reader.ReadString()) };

    private static void Write(BinaryWriter writer, ManifestShard shard)
    {
        writer.Write(shard.Name);
        Write(writer, shard.Info);
        writer.Write(ShardFormats.NameOf(shard.Format));
        WriteAll(writer, shard.Groups, Write);
    }

    private static ManifestShard ReadShard(BinaryReader reader)
    {
        var name = reader.ReadString();
        var info = ReadInfo(reader);
        var (format, address) = (ShardFormats.Named(reader.ReadString()), info.Uri.ToString());
        return new ManifestShard(name, info, ReadAll(reader, (groups, number) => ReadGroup(groups, address, number))) { Format = format };
    }

    private static void Write(BinaryWriter writer, ObjectInfo info)
    {
        writer.Write(info.Uri.ToString());
        writer.Write7BitEncodedInt64(info.Size);
        writer.Write(info.ETag);
    }

    private static ObjectInfo ReadInfo(BinaryReader reader) => new(StorageUri.OfText(reader.ReadString()), reader.Read7BitEncodedInt64(), reader.ReadString());

    private static void Write(BinaryWriter writer, ManifestGroup group)
    {
        writer.Write7BitEncodedInt(group.Rows);
        writer.Write7BitEncodedInt(group.Ties);
        writer.Write7BitEncodedInt(group.Unlabelled);
        writer.Write7BitEncodedInt64(group.Extent.Offset);
        writer.Write7BitEncodedInt64(group.Extent.Length);
        WriteAll(writer, group.BadRows, Write);
        var verdicts = new byte[(group.Rows + RowsPerByte - 1) / RowsPerByte];
        foreach (var (row, firstWins) in group.Pairs)
            verdicts[row / RowsPerByte] |= (byte)((firstWins ? 1 : 2) << (2 * (row % RowsPerByte)));
        writer.Write(verdicts);
    }

    private static ManifestGroup ReadGroup(BinaryReader reader, string shard, int number)
    {
        var (rows, ties, unlabelled) = (Count(reader, RowsPerByte), reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
        var extent = (reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
        var bad = ReadAll(reader, each => new BadRow(shard, number, each.Read7BitEncodedInt(), each.ReadString()));
        var verdicts = new byte[(rows + RowsPerByte - 1) / RowsPerByte];
        reader.BaseStream.ReadExactly(verdicts);
        var pairs = new List<LabelledRow>();
        for (var row = 0; row < rows; row++)
        {
            var verdict = (verdicts[row / RowsPerByte] >> (2 * (row % RowsPerByte))) & 3;
            if (verdict is 1 or 2) pairs.Add(new LabelledRow(row, verdict == 1));
        }

        return new ManifestGroup(rows, [.. pairs], ties, unlabelled, bad) { Extent = extent };
    }

    private static void Write(BinaryWriter writer, BadRow row)
    {
        writer.Write7BitEncodedInt(row.Row);
        writer.Write(row.Reason);
    }

    private static void Write(BinaryWriter writer, BadShard shard)
    {
        Write(writer, shard.Shard);
        writer.Write(shard.Reason);
    }

    private static BadShard ReadBadShard(BinaryReader reader) => new(ReadInfo(reader), reader.ReadString());

    private static void WriteAll<T>(BinaryWriter writer, IReadOnlyList<T> items, Action<BinaryWriter, T> write)
    {
        writer.Write7BitEncodedInt(items.Count);
        foreach (var item in items)
            write(writer, item);
    }

    private static T[] ReadAll<T>(BinaryReader reader, Func<BinaryReader, T> read) => ReadAll(reader, (each, _) => read(each));

    private static T[] ReadAll<T>(BinaryReader reader, Func<BinaryReader, int, T> read)
    {
        var items = new T[Count(reader, perByte: 1)];
        for (var i = 0; i < items.Length; i++)
            items[i] = read(reader, i);
        return items;
    }

    /// <summary>A number of items, of which the rest of the bytes must have room for.</summary>
    private static int Count(BinaryReader reader, int perByte)
    {
        var (count, left) = (reader.Read7BitEncodedInt(), reader.BaseStream.Length - reader.BaseStream.Position);
        return count >= 0 && count <= perByte * left ? count : throw new InvalidDataException("it counts more than it holds");
    }
}
