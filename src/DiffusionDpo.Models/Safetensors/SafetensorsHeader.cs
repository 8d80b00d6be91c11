using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace DiffusionDpo.Models.Safetensors;

/// <summary>
/// The checked header of a safetensors file: an 8-byte little-endian length, then JSON. Nothing is allocated by what a number in the
/// file claims; every number is checked against the bytes that are really there.
/// </summary>
/// <param name="Entries">The tensors in the order of their data.</param>
/// <param name="Metadata">The free text-to-text map.</param>
/// <param name="DataStart">First byte of the data in the file.</param>
internal sealed record SafetensorsHeader(
    OrderedDictionary<string, SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata, long DataStart)
{
    /// <summary>Bytes before the JSON.</summary>
    public const int PrefixBytes = 8;

    /// <summary>The key that is not a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>The format's own limit on the JSON, in bytes.</summary>
    private const long MaxJsonBytes = 100_000_000;

    /// <summary>How many bytes the JSON takes, from the first bytes of the file.</summary>
    /// <param name="prefix">The first 8 bytes.</param>
    /// <param name="fileLength">Bytes in the whole file.</param>
    /// <exception cref="InvalidDataException">The length is impossible.</exception>
    public static int JsonLength(ReadOnlySpan<byte> prefix, long fileLength)
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxJsonBytes) throw new InvalidDataException($"its header claims {length} bytes; at most {MaxJsonBytes} are allowed");
        if ((long)length > fileLength - PrefixBytes)
            throw new InvalidDataException($"its header claims {length} bytes but the file has {fileLength}; it is truncated");
        return (int)length;
    }

    /// <summary>Reads and checks the JSON.</summary>
    /// <param name="json">The header without its length.</param>
    /// <param name="fileLength">Bytes in the whole file.</param>
    /// <exception cref="InvalidDataException">Anything in it is wrong; the message says what.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long fileLength)
    {
        if (!Utf8.IsValid(json)) throw new InvalidDataException("its header is not UTF-8");
        var parser = new HeaderParser(json);
        try
        {
            parser.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"its header is not valid JSON near byte {PrefixBytes + parser.Position}", e);
        }

        long dataStart = PrefixBytes + json.Length;
        return new(InDataOrder(parser.Entries, fileLength - dataStart), parser.Metadata, dataStart);
    }

    /// <summary>The format forbids overlaps and holes: sorted by offset, each tensor starts where the one before ends, the last at the end.</summary>
    private static OrderedDictionary<string, SafetensorsEntry> InDataOrder(IReadOnlyDictionary<string, SafetensorsEntry> entries, long dataLength)
    {
        var ordered = new OrderedDictionary<string, SafetensorsEntry>(entries.Count);
        long end = 0;
        foreach (SafetensorsEntry entry in entries.Values.OrderBy(each => each.Offset).ThenBy(each => each.Length))
        {
            if (entry.Offset != end)
                throw new InvalidDataException(
                    $"tensor {Excerpt.Of(entry.Name)} starts at {entry.Offset}, where {end} was expected: data overlap or have a hole");
            end += entry.Length;
            ordered.Add(entry.Name, entry);
        }

        if (end > dataLength) throw new InvalidDataException($"its tensors need {end} bytes but {dataLength} are there; it is truncated");
        if (end < dataLength) throw new InvalidDataException($"{dataLength - end} bytes after the last tensor belong to nothing");
        return ordered;
    }
}
