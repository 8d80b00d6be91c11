using DiffusionDpo.Data.Randomness;

namespace DiffusionDpo.Data.Loading;

/// <summary>Replaces some captions by the empty prompt, for classifier-free guidance. One draw per pair.</summary>
public static class CaptionDropout
{
    /// <summary>The rule: dropped when the draw is strictly below the proportion, so 0 drops none and 1 drops all.</summary>
    /// <param name="caption">The caption.</param>
    /// <param name="draw">Uniform in [0, 1).</param>
    /// <param name="proportion">data.emptyPromptProportion.</param>
    public static string Apply(string caption, double draw, double proportion) => draw < proportion ? "" : caption;

    /// <summary>The rule with the draw of a pair.</summary>
    /// <param name="caption">The caption.</param>
    /// <param name="proportion">data.emptyPromptProportion.</param>
    /// <param name="place">The pair.</param>
    internal static string Apply(string caption, double proportion, DrawPlace place) =>
        Apply(caption, place.Draw(DrawPurpose.CaptionDropout).NextDouble(), proportion);
}
