namespace DiffusionDpo.Models.Pipelines;

/// <summary>What to draw, and how.</summary>
public sealed record SampleRequest
{
    /// <summary>One image is drawn for each prompt.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    /// <summary>What guidance leads away from; null: from no prompt at all, as the model was trained with.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>Steps of the sampler, 1 or more.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Strength s of classifier-free guidance (Ho and Salimans 2022), ε = ε_neg + s·(ε_prompt − ε_neg); at 1 or below there is none.</summary>
    public double GuidanceScale { get; init; } = 7.5;

    /// <summary>Name of the sampler; see <see cref="Schedules.Samplers.Names"/>.</summary>
    public string Sampler { get; init; } = "pndm";

    /// <summary>Width of the images in pixels.</summary>
    public int Width { get; init; } = 512;

    /// <summary>Height of the images in pixels.</summary>
    public int Height { get; init; } = 512;
}
