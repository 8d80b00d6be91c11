using System.Security.Cryptography;
using System.Text;
using DiffusionDpo.Data.Pairs;

namespace DiffusionDpo.Data.Preparation;

/// <summary>An object of rows as the index knows it.</summary>
/// <param name="Shard">Number of the shard that it belongs to.</param>
/// <param name="Part">Number of the object in the shard.</param>
/// <param name="FirstRow">Number of its first image or prompt.</param>
/// <param name="FirstByte">Where that begins.</param>
internal readonly record struct IndexedPart(int Shard, int Part, int FirstRow, long FirstByte);

/// <summary>Rows of one kind: what is where, and what their bytes must be.</summary>
/// <param name="Pieces">Pieces of a row.</param>
/// <param name="PieceBytes">Bytes of a piece.</param>
/// <param name="Parts">The objects, in the order of their rows.</param>
/// <param name="Checks">Of every piece.</param>
internal sealed record IndexedRows(int Pieces, int PieceBytes, IndexedPart[] Parts, long[] Checks)
{
    /// <summary>The object that holds a row.</summary>
    public IndexedPart PartOf(int row)
    {
        var (low, high) = (0, Parts.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (Parts[middle].FirstRow <= row) low = middle;
            else high = middle - 1;
        }

        return Parts[low];
    }
}

/// <summary>A group of rows that were prepared.</summary>
/// <param name="Shard">Number of the shard.</param>
/// <param name="RowGroup">Number of the group in the shard.</param>
/// <param name="Rows">Rows in the group, ascending.</param>
internal sealed record IndexedGroup(int Shard, int RowGroup, int[] Rows);

/// <summary>Where the images and the prompt of every pair are. Which of the two images wins is the manifest's to say.</summary>
internal sealed class CacheIndex
{
    private static readonly byte[] Magic = "ddpo index 1\n"u8.ToArray();

    /// <summary>The images.</summary>
    public required IndexedRows Images { get; init; }

    /// <summary>The prompts; number 0 is the empty one.</summary>
    public required IndexedRows Prompts { get; init; }

    /// <summary>Width and height of every image.</summary>
    public required (int Width, int Height)[] Sizes { get; init; }

    /// <summary>The groups that were prepared, in the order of the pairs.</summary>
    public required IndexedGroup[] Groups { get; init; }

    /// <summary>Every pair that was prepared.</summary>
    public required PairPlaces[] Pairs { get; init; }

    /// <summary>Why pairs are bad, by their numbers.</summary>
    public required Dictionary<int, string> Reasons { get; init; }

    /// <summary>Of the object that it was read from, in hex: two with one hash hold the same pieces for the same pairs.</summary>
    public string Hash { get; private init; } = "";

    /// <summary>The number here of every pair of a manifest: the one that was prepared, or one with other labels.</summary>
    /// <returns>-1 for pairs that were not prepared.</returns>
    public int[] NumbersFor(PairManifest manifest)
    {
        var starts = new Dictionary<(int, int), (int First, int[] Rows)>(Groups.Length);
        var first = 0;
        foreach (var group in Groups)
        {
            starts.Add((group.Shard, group.RowGroup), (first, group.Rows));
            first += group.Rows.Length;
        }

        return [.. manifest.Groups.SelectMany(group => starts.TryGetValue((group.Shard, group.RowGroup), out var start)
            ? group.Pairs.Select(pair => Array.BinarySearch(start.Rows, pair.Row) is >= 0 and var at ? start.First + at : -1)
            : group.Pairs.Select(_ => -1))];
    }

    /// <summary>As an object, with a hash at its end.</summary>
    public byte[] Encode()
    {
        var bytes = new MemoryStream();
        var writer = new BinaryWriter(bytes);
        writer.Write(Magic);
        Write(writer, Images);
        Write(writer, Prompts);
        writer.Write(Sizes.Length);
        foreach (var (width, height) in Sizes)
        {
            writer.Write(width);
            writer.Write(height);
        }

        Write(writer, Groups);
        foreach (var pair in Pairs)
        {
            writer.Write(pair.First);
            writer.Write(pair.Second);
            writer.Write(pair.Prompt);
        }

        writer.Write(Reasons.Count);
        foreach (var (pair, reason) in Reasons.OrderBy(each => each.Key))
        {
            writer.Write(pair);
            writer.Write(reason);
        }

        writer.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        return bytes.ToArray();
    }

    /// <summary>From an object.</summary>
    /// <exception cref="InvalidDataException">It is damaged or of another version.</exception>
    public static CacheIndex Decode(byte[] bytes)
    {
        var end = bytes.Length - ContentHash.Size;
        if (end < Magic.Length || !bytes.AsSpan().StartsWith(Magic)) throw new InvalidDataException("it is no index of this version");
        if (!SHA256.HashData(bytes.AsSpan(0, end)).AsSpan().SequenceEqual(bytes.AsSpan(end))) throw new InvalidDataException("its bytes are not those that were written");
        var reader = new BinaryReader(new MemoryStream(bytes, Magic.Length, end - Magic.Length), Encoding.UTF8);
        var (images, prompts) = (ReadRows(reader), ReadRows(reader));
        var sizes = ReadArray(reader, () => (reader.ReadInt32(), reader.ReadInt32()));
        var groups = ReadArray(reader, () => new IndexedGroup(reader.ReadInt32(), reader.ReadInt32(), ReadArray(reader, reader.ReadInt32)));
        var pairs = new PairPlaces[groups.Sum(group => group.Rows.Length)];
        foreach (ref var pair in pairs.AsSpan()) pair = new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        var reasons = ReadArray(reader, () => (reader.ReadInt32(), reader.ReadString()));
        return new() { Images = images, Prompts = prompts, Sizes = sizes, Groups = groups, Pairs = pairs, Reasons = reasons.ToDictionary(), Hash = Convert.ToHexStringLower(bytes.AsSpan(end)) };
    }

    private static void Write(BinaryWriter writer, IndexedRows rows)
    {
        writer.Write(rows.Pieces);
        writer.Write(rows.PieceBytes);
        writer.Write(rows.Parts.Length);
        foreach (var part in rows.Parts)
        {
            writer.Write(part.Shard);
            writer.Write(part.Part);
            writer.Write(part.FirstRow);
            writer.Write(part.FirstByte);
        }

        writer.Write(rows.Checks.Length);
        foreach (var check in rows.Checks) writer.Write(check);
    }

    private static void Write(BinaryWriter writer, IndexedGroup[] groups)
    {
        writer.Write(groups.Length);
        foreach (var group in groups)
        {
            writer.Write(group.Shard);
            writer.Write(group.RowGroup);
            writer.Write(group.Rows.Length);
            foreach (var row in group.Rows) writer.Write(row);
        }
    }

    private static IndexedRows ReadRows(BinaryReader reader) => new(
        reader.ReadInt32(),
        reader.ReadInt32(),
        ReadArray(reader, () => new IndexedPart(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64())),
        ReadArray(reader, reader.ReadInt64));

    private static T[] ReadArray<T>(BinaryReader reader, Func<T> read)
    {
        var all = new T[reader.ReadInt32()];
        foreach (ref var each in all.AsSpan()) each = read();
        return all;
    }
}
