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
/// Writes safetensors files, byte for byte as the reference implementation does: element types from large to small, names by their
/// code points within a type, metadata by name, the header padded with spaces to a multiple of 8. At most one tensor is copied at a time, and only
/// if it is on another device, not contiguous, or stored in another type.
/// </summary>
public static class SafetensorsWriter
{
    private const int ChunkBytes = 1 << 24;

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
        ScalarType? storeAs = null)
    {
        List<(SafetensorsEntry Entry, Tensor Tensor)> layout = Lay(tensors, storeAs);
        WriteHeader(stream, layout, metadata);
        foreach ((SafetensorsEntry entry, Tensor tensor) in layout) WriteData(stream, entry, tensor);
    }

    /// <summary>The element type a tensor is stored in.</summary>
    internal static ScalarType StoredType(Tensor tensor, ScalarType? storeAs) =>
        StorageTypes.IsFloating(tensor.dtype) ? storeAs ?? tensor.dtype : tensor.dtype;

    private static List<(SafetensorsEntry Entry, Tensor Tensor)> Lay(IReadOnlyList<(string Name, Tensor Tensor)> tensors, ScalarType? storeAs)
    {
        var layout = new List<(SafetensorsEntry, Tensor)>(tensors.Count);
        var names = new HashSet<string> { SafetensorsHeader.MetadataKey };
        long offset = 0;
        foreach ((string name, Tensor tensor, ScalarType type) in tensors
            .Select(each => (each.Name, each.Tensor, Type: StoredType(each.Tensor, storeAs)))
            .OrderByDescending(each => StorageTypes.RankOf(each.Type)).ThenBy(each => each.Name, StringComparer.Ordinal))
        {
            if (!names.Add(name)) throw new ArgumentException($"the name {name} occurs twice or is reserved", nameof(tensors));
            long length = tensor.numel() * StorageTypes.BytesOf(type);
            layout.Add((new(name, type, tensor.shape, offset, length), tensor));
            offset += length;
        }

        return layout;
    }

    private static void WriteHeader(
        Stream stream, List<(SafetensorsEntry Entry, Tensor Tensor)> layout, IReadOnlyDictionary<string, string>? metadata)
    {
        var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            if (metadata is not null) WriteMetadata(writer, metadata);
            foreach ((SafetensorsEntry entry, _) in layout) WriteEntry(writer, entry);
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

    private static unsafe void WriteData(Stream stream, SafetensorsEntry entry, Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor stored = tensor.cpu().to(entry.Type).contiguous();
        if (entry.Type != tensor.dtype) RefuseOverflow(entry, tensor, stored);
        byte* data = (byte*)TorchNative.DataPointer(stored);
        for (long done = 0; done < entry.Length; done += ChunkBytes)
            stream.Write(new ReadOnlySpan<byte>(data + done, (int)Math.Min(ChunkBytes, entry.Length - done)));
    }

    private static void RefuseOverflow(SafetensorsEntry entry, Tensor tensor, Tensor stored)
    {
        if (stored.isfinite().sum().item<long>() == tensor.isfinite().sum().item<long>()) return;
        throw new RunException(
            ExitClass.DataError,
            $"tensor {Excerpt.Of(entry.Name)} has values that {StorageTypes.NameOf(entry.Type)} cannot hold; store it as BF16 or F32");
    }
}
