using System.Buffers.Binary;
using System.Text.Json;

namespace DiffusionDpo.Shared;

/// <summary>Safetensors files of any size that take no space: the header is real, the data are a hole that reads as zeros.</summary>
internal static class SparseFile
{
    private const int PrefixBytes = 8;
    private const int ElementBytes = 2;

    public static void Write(string path, IEnumerable<(string Name, long[] Shape)> tensors)
    {
        Dictionary<string, object> header = [];
        long end = 0;
        foreach ((string name, long[] shape) in tensors)
        {
            long begin = end;
            end += shape.Aggregate((long)ElementBytes, (product, size) => product * size);
            header.Add(name, new { dtype = "F16", shape, data_offsets = (long[])[begin, end] });
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header), length = new byte[PrefixBytes];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        using FileStream stream = File.Create(path);
        stream.Write(length);
        stream.Write(json);
        stream.SetLength(stream.Position + end);
    }
}
