using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Schedules;

namespace DiffusionDpo.Models.Families;

/// <summary>
/// A family of models: what is its own beside UNet, autoencoder and schedule, whose code all families share and whose configurations tell
/// them apart.
/// </summary>
public sealed record Family
{
    /// <summary>Its short name, such as <c>sdxl</c>; the file beside it of this name holds the configurations of the published model.</summary>
    public required string Key { get; init; }

    /// <summary>What people call it.</summary>
    public required string Title { get; init; }

    /// <summary>How a fine-tune names it; null for a family that can only be sampled from.</summary>
    public required ModelFamily? Name { get; init; }

    /// <summary>The pipeline's class in diffusers, as <c>model_index.json</c> has it.</summary>
    public required string PipelineClass { get; init; }

    /// <summary>What its networks may have been trained to predict.</summary>
    public required IReadOnlyList<PredictionType> Predictions { get; init; }

    /// <summary>Loads the text encoders.</summary>
    public required Func<ComponentLoader, ITextConditioner> LoadText { get; init; }
}
