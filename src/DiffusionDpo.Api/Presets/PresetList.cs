using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Presets;

/// <summary>All presets.</summary>
public static class PresetList
{
    /// <summary>All presets, the default first.</summary>
    public static IReadOnlyList<Preset> All { get; } = [RecommendedPreset.Values, PaperPreset.Values, SalesforcePreset.Values];

    /// <summary>The preset of a name.</summary>
    public static Preset Get(PresetName name) => All.Single(p => p.Name == name);
}
