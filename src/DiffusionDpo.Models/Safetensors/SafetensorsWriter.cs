using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Safetensors;

/// <summary>
/// Writes safetensors files, byte for byte as the reference implementation does: element types from large to small, names in ordinal
/// order within a type, metadata by name, the header padded with spaces to a multiple of 8. Tensors on another device or stored in
/// another type are copied in small pieces; only one that is not contiguous is copied whole.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>What is converted and copied at a time: small enough for the allocator to reuse its memory.</summary>
    private const long ChunkElements = 1 << 20;

    private static readonly Scalar Zero = 0f;

    /// <summary>Writes a file atomically and durably (<see cref="DurableFile"/>).</summary>
    /// <param name="path">The file; its directory exists.</param>
    /// <param name="tensors">Names and tensors, in any order.</param>
    /// <param name="metadata">Free text for the header.</param>
    /// <param name="storeAs">Store floating tensors in this type: Float32, Float16 or BFloat16. Null keeps each tensor's own.</param>
    /// <exception cref="RunException">Storage error: the disk is full or cannot be written. Data error: a value does not fit the type.</exception>
    public static void WriteFile(
        string path,
        IReadOnlyList<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        ScalarType? storeAs = null) => DurableFile.Write(path, stream => Write(stream, tensors, metadata, storeAs));

    /// <summary>Writes a file atomically and durably, from tensors that are fetched one after another.</summary>
    /// <param name="path">The file; its directory exists.</param>
    /// <param name="tensors">What to write, in any order.</param>
    /// <param name="metadata">Free text for the header.</param>
    /// <exception cref="RunException">Storage error: the disk is full or cannot be written. Data error: a value does not fit the type.</exception>
    public static void WriteFile(string path, IReadOnlyList<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        DurableFile.Write(path, stream => Write(stream, tensors, metadata));

    /// <summary>Writes the bytes of a file.</summary>
    /// <param name="stream">Where to; only written, never sought.</param>
    /// <param name="tensors">Names and tensors, in any order.</param>
    /// <param name="metadata">Free text for the header.</param>
    /// <param name="storeAs">Store floating tensors in this type: Float32, Float16 or BFloat16. Null keeps each tensor's own.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is reserved, or the format has no such element type.</exception>
    /// <exception cref="RunException">Data error: a finite value does not fit the type it is to be stored in.</exception>
    public static void Write(
        Stream stream,
        IReadOnlyList<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        ScalarType? storeAs = null) => Write(stream, [.. tensors.Select(each => TensorToWrite.Of(each.Name, each.Tensor, storeAs))], metadata);

    private static void Write(Stream stream, IReadOnlyList<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        List<(SafetensorsEntry Entry, TensorToWrite Source)> layout = Lay(tensors);
        WriteHeader(stream, [.. layout.Select(each => each.Entry)], metadata);
        foreach ((SafetensorsEntry entry, TensorToWrite source) in layout) WriteData(stream, entry, source);
    }

    private static List<(SafetensorsEntry Entry, TensorToWrite Source)> Lay(IReadOnlyList<TensorToWrite> tensors)
    {
        var layout = new List<(SafetensorsEntry, TensorToWrite)>(tensors.Count);
        var names = new HashSet<string> { SafetensorsHeader.MetadataKey };
        long offset = 0;
        foreach (TensorToWrite each in tensors
            .OrderByDescending(each => StorageTypes.RankOf(each.Type)).ThenBy(each => each.Name, StringComparer.Ordinal))
        {
            if (!names.Add(each.Name)) throw new ArgumentException($"the name {each.Name} occurs twice or is reserved", nameof(tensors));
            layout.Add((new(each.Name, each.Type, each.Shape, offset, each.Bytes), each));
            offset += each.Bytes;
        }

        return layout;
    }

    private static void WriteHeader(Stream stream, IReadOnlyList<SafetensorsEntry> layout, IReadOnlyDictionary<string, string>? metadata)
    {
        var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            if (metadata is not null) WriteMetadata(writer, metadata);
            foreach (SafetensorsEntry entry in layout) WriteEntry(writer, entry);
            writer.WriteEndObject();
        }

        while (json.Length % 8 != 0) json.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[SafetensorsHeader.PrefixBytes];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        stream.Write(length);
        json.WriteTo(stream);
    }

    private static void WriteMetadata(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> metadata)
    {
        writer.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach ((string key, string text) in metadata.OrderBy(each => each.Key, StringComparer.Ordinal)) writer.WriteString(key, text);
        writer.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter writer, SafetensorsEntry entry)
    {
        writer.WriteStartObject(entry.Name);
        writer.WriteString("dtype", StorageTypes.NameOf(entry.Type));
        writer.WriteStartArray("shape");
        foreach (long size in entry.Shape) writer.WriteNumberValue(size);
        writer.WriteEndArray();
        writer.WriteStartArray("data_offsets");
        writer.WriteNumberValue(entry.Offset);
        writer.WriteNumberValue(entry.Offset + entry.Length);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteData(Stream stream, SafetensorsEntry entry, TensorToWrite source)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor flat = source.Read().contiguous().view(-1);
        for (long done = 0; done < flat.numel(); done += ChunkElements)
            WriteChunk(stream, entry, flat.narrow(0, done, Math.Min(ChunkElements, flat.numel() - done)));
    }

    private static void WriteChunk(Stream stream, SafetensorsEntry entry, Tensor chunk)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor stored = chunk.cpu().to(entry.Type);
        if (entry.Type != chunk.dtype && !AreAllFinite(stored) && CountFinite(stored) != CountFinite(chunk))
            throw new RunException(
                ExitClass.DataError,
                $"tensor {Excerpt.Of(entry.Name)} has values that {StorageTypes.NameOf(entry.Type)} cannot hold; store it as BF16 or F32");
        stream.Write(TorchNative.Bytes(stored));
    }

    // Ten times as fast as counting, which only what is not finite needs: zero times infinity is not zero.
    private static bool AreAllFinite(Tensor chunk) => chunk.to(ScalarType.Float32).mul(Zero).sum().item<float>() == 0;

    private static long CountFinite(Tensor chunk) => chunk.isfinite().sum().item<long>();
}
