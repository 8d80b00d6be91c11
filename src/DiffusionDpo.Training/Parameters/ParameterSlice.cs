namespace DiffusionDpo.Training.Parameters;

/// <summary>Where a parameter stands in a flat buffer.</summary>
/// <param name="Name">Its name in the module.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Offset">Its first element.</param>
/// <param name="Length">Its number of elements.</param>
public sealed record ParameterSlice(string Name, IReadOnlyList<long> Shape, long Offset, long Length);
