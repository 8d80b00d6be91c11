using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Training.Memory.Simulation;

/// <summary>Which parts of a network have gradients.</summary>
/// <param name="Everything">All of its own weights.</param>
/// <param name="Adapters">The adapters beside them; null: there are none.</param>
internal sealed record TrainedParts(bool Everything, AdapterOptions? Adapters = null)
{
    /// <summary>None.</summary>
    public static TrainedParts Nothing { get; } = new(false);

    /// <summary>Those of a run.</summary>
    /// <param name="options">Its adapters.</param>
    public static TrainedParts Of(AdapterOptions options) => options.Type == AdapterType.Lora ? new(false, options) : new(true);

    /// <summary>Rank of a layer's adapter; null where it has none.</summary>
    /// <param name="name">The layer's name.</param>
    public int? RankAt(string name) =>
        Adapters is not null && Adapters.Targets.Any(target => name == target || name.EndsWith("." + target, StringComparison.Ordinal)) ? Adapters.Rank : null;
}
