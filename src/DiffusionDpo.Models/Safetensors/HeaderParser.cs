using System.Text.Json;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Safetensors;

/// <summary>One pass over the JSON of a header. Keys of an entry that the format does not know are skipped, as the reference reader does.</summary>
internal ref struct HeaderParser(ReadOnlySpan<byte> json)
{
    /// <summary>An object of entries, an entry, its shape; one more for what is skipped.</summary>
    private const int MaxDepth = 4;

    /// <summary>What libtorch's element-wise kernels take.</summary>
    private const int MaxRank = 64;

    private Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });

    /// <summary>The tensors by name, as found.</summary>
    public Dictionary<string, SafetensorsEntry> Entries { get; } = [];

    /// <summary>The free text, if any.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Bytes of JSON read so far.</summary>
    public readonly long Position => reader.BytesConsumed;

    /// <summary>Reads everything.</summary>
    /// <exception cref="JsonException">The JSON is malformed.</exception>
    /// <exception cref="InvalidDataException">It is JSON but no header.</exception>
    public void Read()
    {
        Expect(JsonTokenType.StartObject, "its header");
        bool hasMetadata = false;
        while (NextKey() is { } name)
        {
            if (name == SafetensorsHeader.MetadataKey)
            {
                if (hasMetadata) throw Duplicate(name);
                hasMetadata = true;
                ReadMetadata();
            }
            else if (!Entries.TryAdd(name, ReadEntry(name)))
            {
                throw Duplicate(name);
            }
        }

        if (reader.Read()) throw new JsonException();
    }

    private void ReadMetadata()
    {
        Expect(JsonTokenType.StartObject, SafetensorsHeader.MetadataKey);
        while (NextKey() is { } key)
        {
            Expect(JsonTokenType.String, SafetensorsHeader.MetadataKey);
            if (!Metadata.TryAdd(key, reader.GetString()!)) throw Duplicate(key);
        }
    }

    private SafetensorsEntry ReadEntry(string name)
    {
        string place = $"tensor {Excerpt.Of(name)}";
        ScalarType? type = null;
        List<long>? shape = null, offsets = null;
        Expect(JsonTokenType.StartObject, place);
        while (NextKey() is { } key)
        {
            if ((key == "dtype" && type is not null) || (key == "shape" && shape is not null) || (key == "data_offsets" && offsets is not null))
                throw Duplicate(key);
            if (key == "dtype") type = ReadType(place);
            else if (key == "shape") shape = ReadSizes(place, MaxRank);
            else if (key == "data_offsets") offsets = ReadSizes(place, 2);
            else reader.Skip();
        }

        if (type is null || shape is null || offsets is not [long begin, long end])
            throw new InvalidDataException($"{place} lacks its dtype, shape or two data_offsets");
        if (begin > end) throw new InvalidDataException($"{place} ends at {end} before it starts at {begin}");
        if (ByteLength(shape, type.Value) != end - begin)
            throw new InvalidDataException(
                $"{place} has {end - begin} bytes, which is not [{string.Join(", ", shape)}] of {StorageTypes.NameOf(type.Value)}");
        return new(name, type.Value, shape, begin, end - begin);
    }

    private ScalarType ReadType(string place)
    {
        Expect(JsonTokenType.String, place);
        string name = reader.GetString()!;
        return StorageTypes.Find(name)
            ?? throw new InvalidDataException($"{place} has dtype {Excerpt.Of(name)}; supported are {StorageTypes.Names}");
    }

    private List<long> ReadSizes(string place, int most)
    {
        var sizes = new List<long>();
        Expect(JsonTokenType.StartArray, place);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long size) || size < 0)
                throw new InvalidDataException($"{place} has a size or offset that is not a whole number from 0 to 2^63-1");
            if (sizes.Count == most) throw new InvalidDataException($"{place} has more than {most} sizes or offsets in a list");
            sizes.Add(size);
        }

        return sizes;
    }

    /// <summary>
    /// Elements times bytes per element, or -1 if the product passes 2^63-1. Zero sizes count as one for that check, because strides are computed so.
    /// </summary>
    private static long ByteLength(List<long> shape, ScalarType type)
    {
        UInt128 bytes = (UInt128)StorageTypes.BytesOf(type);
        foreach (long size in shape)
        {
            bytes *= (UInt128)Math.Max(1, size);
            if (bytes > long.MaxValue) return -1;
        }

        return shape.Contains(0) ? 0 : (long)bytes;
    }

    private string? NextKey() => reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;

    private void Expect(JsonTokenType type, string place)
    {
        if (!reader.Read() || reader.TokenType != type) throw new InvalidDataException($"{place} is not as the format prescribes: no {type}");
    }

    private static InvalidDataException Duplicate(string key) => new($"the key {Excerpt.Of(key)} occurs twice");
}
