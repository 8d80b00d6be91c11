using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Models.Scorers;

/// <summary>All scorers.</summary>
internal static class ScorerList
{
    private static readonly Dictionary<ScorerType, Func<ScorerParts, IScoringRule>> All = new()
    {
        [ScorerType.ClipScore] = ClipScoreRule.Of,
        [ScorerType.PickScore] = PickScoreRule.Of,
        [ScorerType.HpsV2] = HpsV2Rule.Of,
        [ScorerType.Aesthetic] = AestheticRule.Of,
    };

    /// <summary>The rule of a scorer. What it has of its own is read and checked.</summary>
    public static IScoringRule Get(ScorerParts parts) => All[parts.Source.Type](parts);
}
