using static TorchSharp.torch;

namespace DiffusionDpo.Models.Pickles;

/// <summary>A block of elements beside the pickle.</summary>
/// <param name="Key">Its name in the archive, a number.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Elements">How many there are.</param>
internal sealed record PickledStorage(string Key, ScalarType Type, long Elements);
