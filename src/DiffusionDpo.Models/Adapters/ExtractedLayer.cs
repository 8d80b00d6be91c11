namespace DiffusionDpo.Models.Adapters;

/// <summary>How well an adapter that was found for a layer stands for the layer's change.</summary>
/// <param name="Module">The layer.</param>
/// <param name="Rank">Rank of the adapter.</param>
/// <param name="Change">Frobenius norm of the change.</param>
/// <param name="Lost">Frobenius norm of what the adapter leaves of it.</param>
public sealed record ExtractedLayer(string Module, int Rank, double Change, double Lost);
