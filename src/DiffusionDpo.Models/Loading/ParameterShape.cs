namespace DiffusionDpo.Models.Loading;

/// <summary>What is expected of a parameter that is to be loaded.</summary>
/// <param name="Name">Its key in the state dictionary.</param>
/// <param name="Shape">Sizes of its dimensions.</param>
internal sealed record ParameterShape(string Name, IReadOnlyList<long> Shape);
