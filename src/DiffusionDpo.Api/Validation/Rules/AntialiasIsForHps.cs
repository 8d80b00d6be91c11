using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>One scorer's code resized images in two ways over time.</summary>
internal static class AntialiasIsForHps
{
    public const string Path = "data.feedback.antialias";
    public const string Cel = "self.data.feedback.antialias || self.data.feedback.scorer == 'hpsV2'";
    public const string Message = "has an effect on the scorer hpsV2 only — remove it, or choose hpsV2";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Data.Feedback.Antialias || spec.Data.Feedback.Scorer == ScorerType.HpsV2);
}
