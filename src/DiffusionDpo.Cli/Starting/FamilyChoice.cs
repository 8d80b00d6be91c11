using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Cli.Starting;

/// <summary>The base model of a new fine-tune.</summary>
/// <param name="Family">The family.</param>
/// <param name="Name">How <c>--family</c> names it.</param>
/// <param name="Description">In words.</param>
/// <param name="Model">The directory of a model of this family.</param>
internal sealed record FamilyChoice(ModelFamily Family, string Name, string Description, string Model)
{
    /// <summary>All of them, the default first.</summary>
    public static IReadOnlyList<FamilyChoice> All { get; } =
    [
        new(ModelFamily.Sd15, "sd15", "Stable Diffusion 1.5", "stable-diffusion-v1-5"),
        new(ModelFamily.Sdxl, "sdxl", "Stable Diffusion XL", "stable-diffusion-xl-base-1.0"),
    ];
}
