using System.Security.Cryptography;
using System.Text;

namespace DiffusionDpo.Storage.Caching;

/// <summary>What a segment holds: some bytes of one version of an object.</summary>
/// <param name="Object">The object and its version.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct SegmentKey(ObjectInfo Object, long Offset, int Length)
{
    /// <summary>The key in words, which its file begins with.</summary>
    public string Text => $"{Object.Uri}\n{Object.ETag}\n{Offset}\n{Length}";

    /// <summary>The name of its file.</summary>
    public string Name => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));
}
