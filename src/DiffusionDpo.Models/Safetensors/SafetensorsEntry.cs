using static TorchSharp.torch;

namespace DiffusionDpo.Models.Safetensors;

/// <summary>Where one tensor stands in a safetensors file.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Type">Element type as stored.</param>
/// <param name="Shape">Sizes of its dimensions; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the start of the data that follow the header.</param>
/// <param name="Length">Number of bytes: elements times bytes per element.</param>
public sealed record SafetensorsEntry(string Name, ScalarType Type, IReadOnlyList<long> Shape, long Offset, long Length);
