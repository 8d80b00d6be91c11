using System.Security.Cryptography;
using System.Text;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.Sources;

namespace DiffusionDpo.Data.Preparation;

/// <summary>An image of a pair.</summary>
/// <param name="Hash">Of its encoded bytes.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Bytes">Encoded.</param>
internal readonly record struct ImageFacts(ContentHash Hash, int Width, int Height, int Bytes);

/// <summary>A pair of a shard.</summary>
/// <param name="Reason">Why it is bad; null: it is not, and all else is known.</param>
/// <param name="First">The first image.</param>
/// <param name="Second">The second image.</param>
/// <param name="Prompt">Hash of the caption.</param>
internal readonly record struct RowFacts(string? Reason, ImageFacts First, ImageFacts Second, ContentHash Prompt);

/// <summary>What is known of the pairs of a shard once its images were looked at. Which image wins is not among it: labels may change.</summary>
/// <param name="Stamp">Hash of what was looked at: the shard, and which of its rows are pairs.</param>
/// <param name="Rows">The pairs, in order.</param>
/// <param name="MayChange">Whether another look might see more: something could not be read, or an image that is an object of its own was not there.</param>
internal sealed record ShardRows(ContentHash Stamp, RowFacts[] Rows, bool MayChange)
{
    private static readonly byte[] Magic = "ddpo rows 2\n"u8.ToArray();

    /// <summary>The stamp of a shard.</summary>
    public static ContentHash StampOf(ManifestShard shard)
    {
        var text = new StringBuilder($"{shard.Info.Uri}\n{shard.Info.Size}\n{shard.Info.ETag}\n{ShardFormats.NameOf(shard.Format)}\n");
        foreach (var group in shard.Groups)
            text.Append($"{group.Rows}:{string.Join(',', group.Pairs.Select(pair => pair.Row))}\n");
        return ContentHash.Of(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>As an object, with a hash at its end.</summary>
    public byte[] Encode()
    {
        var bytes = new MemoryStream();
        var writer = new BinaryWriter(bytes);
        writer.Write(Magic);
        writer.Write(Stamp.ToBytes());
        writer.Write(MayChange);
        writer.Write(Rows.Length);
        foreach (var row in Rows)
        {
            writer.Write(row.Reason ?? "");
            if (row.Reason is not null) continue;
            Write(writer, row.First);
            Write(writer, row.Second);
            writer.Write(row.Prompt.ToBytes());
        }

        writer.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        return bytes.ToArray();
    }

    /// <summary>From an object; null where it is damaged, of another version, or of another shard than expected.</summary>
    public static ShardRows? Decode(byte[] bytes, ContentHash expected)
    {
        if (bytes.Length < Magic.Length + (2 * ContentHash.Size) || !bytes.AsSpan().StartsWith(Magic)) return null;
        var end = bytes.Length - ContentHash.Size;
        if (!SHA256.HashData(bytes.AsSpan(0, end)).AsSpan().SequenceEqual(bytes.AsSpan(end))) return null;
        var reader = new BinaryReader(new MemoryStream(bytes, Magic.Length, end - Magic.Length));
        var stamp = ContentHash.Read(reader.ReadBytes(ContentHash.Size));
        if (stamp != expected) return null;
        var mayChange = reader.ReadBoolean();
        var rows = new RowFacts[reader.ReadInt32()];
        foreach (ref var row in rows.AsSpan())
        {
            var reason = reader.ReadString();
            row = reason.Length > 0
                ? new RowFacts(reason, default, default, default)
                : new RowFacts(null, ReadImage(reader), ReadImage(reader), ContentHash.Read(reader.ReadBytes(ContentHash.Size)));
        }

        return new ShardRows(stamp, rows, mayChange);
    }

    private static void Write(BinaryWriter writer, ImageFacts image)
    {
        writer.Write(image.Hash.ToBytes());
        writer.Write(image.Width);
        writer.Write(image.Height);
        writer.Write(image.Bytes);
    }

    private static ImageFacts ReadImage(BinaryReader reader) =>
        new(ContentHash.Read(reader.ReadBytes(ContentHash.Size)), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
}
