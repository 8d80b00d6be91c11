using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace DiffusionDpo.Shared;

/// <summary>Pickles and archives as PyTorch writes them, and as it does not, byte by byte.</summary>
internal static class PickleText
{
    public const string OrderedDict = "ccollections\nOrderedDict\n";
    public const string Rebuild = "ctorch._utils\n_rebuild_tensor_v2\n";
    public const string NoHooks = $"{OrderedDict})R";

    /// <summary>A whole pickle; each character is a byte.</summary>
    public static byte[] Pickle(string body) => Encoding.Latin1.GetBytes($"\u0080\u0002{body}.");

    public static string Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return $"X{Encoding.Latin1.GetString(length)}{Encoding.Latin1.GetString(utf8)}";
    }

    public static string Number(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return value switch
        {
            >= 0 and < 256 => $"K{(char)value}",
            >= 0 and < 65536 => $"M{Encoding.Latin1.GetString(bytes, 0, 2)}",
            >= int.MinValue and <= int.MaxValue => $"J{Encoding.Latin1.GetString(bytes, 0, 4)}",
            _ => $"\u008a\u0008{Encoding.Latin1.GetString(bytes)}",
        };
    }

    public static string Tuple(params IEnumerable<long> numbers) => $"({string.Concat(numbers.Select(Number))}t";

    public static string Storage(string type, string key, long elements) => $"({Text("storage")}ctorch\n{type}\n{Text(key)}{Text("cpu")}{Number(elements)}tQ";

    public static string Tensor(string storage, long[] shape, long[] strides, long offset = 0) => $"{Rebuild}({storage}{Number(offset)}{Tuple(shape)}{Tuple(strides)}\u0089{NoHooks}tR";

    /// <summary>A state dictionary as a module gives it, with its versions.</summary>
    public static string State(params (string Name, string Value)[] entries) =>
        $"{OrderedDict})R({string.Concat(entries.Select(entry => Text(entry.Name) + entry.Value))}u}}{Text("_metadata")}{OrderedDict})R({Text("")}}}{Text("version")}{Number(1)}susb";

    public static string Dict(params (string Name, string Value)[] entries) => $"}}({string.Concat(entries.Select(entry => Text(entry.Name) + entry.Value))}u";

    /// <summary>An archive with a pickle and storages.</summary>
    public static byte[] Archive(byte[] pickle, params (string Key, byte[] Bytes)[] storages) => Zip(
        [("model/data.pkl", pickle), ("model/byteorder", "little"u8.ToArray()), .. storages.Select(each => ($"model/data/{each.Key}", each.Bytes)), ("model/version", "3\n"u8.ToArray())]);

    public static byte[] Zip((string Name, byte[] Bytes)[] entries, CompressionLevel compression = CompressionLevel.NoCompression)
    {
        MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create))
        {
            foreach ((string name, byte[] bytes) in entries)
            {
                using Stream entry = zip.CreateEntry(name, compression).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    public static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
