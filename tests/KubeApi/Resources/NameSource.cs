using System.Buffers.Binary;

namespace KubeApi.Resources;

/// <summary>Uids and the suffixes of generated names, from a seed.</summary>
public sealed class NameSource(int seed)
{
    private const string Letters = "bcdfghjklmnpqrstvwxz2456789";
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    public string Uid()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (_gate)
            _random.NextBytes(bytes);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[6..], (short)(BinaryPrimitives.ReadInt16LittleEndian(bytes[6..]) & 0x0fff | 0x4000));
        bytes[8] = (byte)(bytes[8] & 0x3f | 0x80);
        return new Guid(bytes).ToString();
    }

    public string Suffix()
    {
        lock (_gate)
            return new string(_random.GetItems<char>(Letters, 5));
    }
}
