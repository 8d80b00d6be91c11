using static TorchSharp.torch;

namespace DiffusionDpo.Models.Safetensors;

/// <summary>
/// The element types a safetensors file may hold here, by their names in the file. The order is the format's own, from small alignment
/// to large; files are laid out in the reverse of it, so that every tensor starts at a multiple of its element size.
/// </summary>
internal static class StorageTypes
{
    private static readonly (string Name, ScalarType Type, int Bytes)[] All =
    [
        ("BOOL", ScalarType.Bool, 1),
        ("U8", ScalarType.Byte, 1),
        ("I8", ScalarType.Int8, 1),
        ("I16", ScalarType.Int16, 2),
        ("F16", ScalarType.Float16, 2),
        ("BF16", ScalarType.BFloat16, 2),
        ("I32", ScalarType.Int32, 4),
        ("F32", ScalarType.Float32, 4),
        ("F64", ScalarType.Float64, 8),
        ("I64", ScalarType.Int64, 8),
    ];

    /// <summary>All names, for messages.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(each => each.Name));

    /// <summary>The type of this name, or null if it is unknown or not supported.</summary>
    public static ScalarType? Find(string name)
    {
        int index = Array.FindIndex(All, each => each.Name == name);
        return index < 0 ? null : All[index].Type;
    }

    /// <summary>The type's name in the file.</summary>
    public static string NameOf(ScalarType type) => All[RankOf(type)].Name;

    /// <summary>Bytes per element.</summary>
    public static int BytesOf(ScalarType type) => All[RankOf(type)].Bytes;

    /// <summary>Whether elements are floating-point numbers.</summary>
    public static bool IsFloating(ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    /// <summary>Place of the type in the format's order.</summary>
    /// <exception cref="ArgumentException">The format has no such type.</exception>
    public static int RankOf(ScalarType type)
    {
        int index = Array.FindIndex(All, each => each.Type == type);
        return index >= 0 ? index : throw new ArgumentException($"safetensors files here hold {Names}, not {type}", nameof(type));
    }
}
