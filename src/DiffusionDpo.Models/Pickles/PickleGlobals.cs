using DiffusionDpo.Models.Safetensors;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Pickles;

/// <summary>The names that a pickle of plain tensors refers to: the only ones that are known here. Nothing is looked up by a name.</summary>
internal static class PickleGlobals
{
    /// <summary>A dict that keeps its order: what a state dictionary is.</summary>
    public static readonly object OrderedDict = new();

    /// <summary>Makes a tensor of a storage.</summary>
    public static readonly object RebuildTensor = new();

    private static readonly Dictionary<(string Module, string Name), object> Known = new()
    {
        [("collections", "OrderedDict")] = OrderedDict,
        [("torch._utils", "_rebuild_tensor_v2")] = RebuildTensor,
        [("torch", "FloatStorage")] = ScalarType.Float32,
        [("torch", "DoubleStorage")] = ScalarType.Float64,
        [("torch", "HalfStorage")] = ScalarType.Float16,
        [("torch", "BFloat16Storage")] = ScalarType.BFloat16,
        [("torch", "LongStorage")] = ScalarType.Int64,
        [("torch", "IntStorage")] = ScalarType.Int32,
        [("torch", "ShortStorage")] = ScalarType.Int16,
        [("torch", "CharStorage")] = ScalarType.Int8,
        [("torch", "ByteStorage")] = ScalarType.Byte,
        [("torch", "BoolStorage")] = ScalarType.Bool,
    };

    /// <summary>What a name stands for: one of the two above, or a <see cref="ScalarType"/>.</summary>
    public static object Find(string module, string name) => Known.TryGetValue((module, name), out object? found)
        ? found
        : throw new PickleRefusal($"it names {Excerpt.Of($"{module}.{name}")}, which plain tensors do not need");
}
