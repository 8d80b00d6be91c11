using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Models.Layouts;

/// <summary>A network's parameters in both layouts.</summary>
/// <param name="Component">Its directory in the diffusers layout.</param>
/// <param name="Prefix">What its names begin with in the single file, with the last dot.</param>
/// <param name="Tensors">All of them.</param>
internal sealed record NetworkLayout(string Component, string Prefix, IReadOnlyList<LayoutTensor> Tensors)
{
    /// <summary>Whether a tensor below the prefix is known and not used.</summary>
    public Func<string, bool> IsUnused { get; init; } = static _ => false;

    /// <summary>Its parameters in the diffusers layout.</summary>
    public IReadOnlyList<ParameterShape> Parameters { get; } = [.. Tensors.SelectMany(tensor => tensor.Parts)];

    /// <summary>What a message calls it.</summary>
    public string Title => $"{Prefix}* ({Component})";
}
