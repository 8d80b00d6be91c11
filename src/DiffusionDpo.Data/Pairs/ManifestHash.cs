using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DiffusionDpo.Data.Pairs;

/// <summary>The identity of a manifest.</summary>
internal static class ManifestHash
{
    /// <summary>SHA-256 over little-endian numbers and length-prefixed UTF-8 names, in hex.</summary>
    public static string Of(IReadOnlyList<ManifestShard> shards)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("ddpo pairs 1\n"u8);
        Add(hash, shards.Count);
        foreach (var shard in shards)
        {
            var name = Encoding.UTF8.GetBytes(shard.Name);
            Add(hash, name.Length);
            hash.AppendData(name);
            Add(hash, shard.Groups.Count);
            foreach (var group in shard.Groups)
                Add(hash, group);
        }

        // Larger sets have had another order before: a checkpoint of that time must not go on in this one.
        if (shards.Sum(shard => shard.Groups.Sum(group => (long)group.Pairs.Count)) > PairOrder.WindowPairs) hash.AppendData("order 2\n"u8);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, ManifestGroup group)
    {
        Add(hash, group.Rows);
        Add(hash, group.Pairs.Count);
        foreach (var (row, firstWins) in group.Pairs)
            Add(hash, (row << 1) | (firstWins ? 1 : 0));
    }

    private static void Add(IncrementalHash hash, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }
}
