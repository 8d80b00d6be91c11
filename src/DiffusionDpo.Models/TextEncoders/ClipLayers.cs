namespace DiffusionDpo.Models.TextEncoders;

/// <summary>The architecture of a stack of CLIP's layers, which texts and images share.</summary>
/// <param name="Count">Layers.</param>
/// <param name="Width">Width of the states, C.</param>
/// <param name="InnerWidth">Width inside the feed-forward parts.</param>
/// <param name="Heads">Heads of the attention.</param>
/// <param name="Activation">quick_gelu or gelu.</param>
/// <param name="NormEpsilon">Epsilon of the layer norms.</param>
/// <param name="IsCausal">Position i sees positions up to i only.</param>
internal sealed record ClipLayers(int Count, int Width, int InnerWidth, int Heads, string Activation, double NormEpsilon, bool IsCausal);
