using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DiffusionDpo.Data.Feedback;

/// <summary>An image with a prompt: what has one score, wherever it stands.</summary>
/// <param name="Image">Half of the SHA-256 of its encoded bytes.</param>
/// <param name="Prompt">Half of the SHA-256 of the text; 0 where prompts do not count.</param>
internal readonly record struct ScoreKey(UInt128 Image, UInt128 Prompt)
{
    /// <summary>Half of the SHA-256 of some bytes.</summary>
    public static UInt128 HashOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(bytes));

    /// <summary>Half of the SHA-256 of a text.</summary>
    public static UInt128 HashOf(string text) => HashOf(Encoding.UTF8.GetBytes(text));
}
