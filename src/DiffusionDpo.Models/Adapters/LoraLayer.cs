using DiffusionDpo.Models.Safetensors;

namespace DiffusionDpo.Models.Adapters;

/// <summary>The adapter of one layer in a file.</summary>
/// <param name="Stem">What the file calls the layer.</param>
/// <param name="Down">A: [rank, in], of a convolution [rank, in, size, size].</param>
/// <param name="Up">B: [out, rank], of a convolution [out, rank, 1, 1].</param>
/// <param name="Alpha">Its change is multiplied by alpha / rank.</param>
public sealed record LoraLayer(string Stem, SafetensorsEntry Down, SafetensorsEntry Up, double Alpha)
{
    /// <summary>Rank of its change.</summary>
    public int Rank => (int)Down.Shape[0];

    /// <summary>The shape of the weight that it changes.</summary>
    internal IReadOnlyList<long> WeightShape => [Up.Shape[0], .. Down.Shape.Skip(1)];

    /// <summary>Whether A and B belong together.</summary>
    internal bool IsSound => Down.Shape.Count is 2 or 4 && Up.Shape.Count == Down.Shape.Count && Rank > 0 && Up.Shape[1] == Rank && Up.Shape.Skip(2).All(size => size == 1)
        && StorageTypes.IsFloating(Down.Type) && StorageTypes.IsFloating(Up.Type) && double.IsFinite(Alpha);
}
