using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>One scorer has a head of its own.</summary>
internal static class HeadIsForAesthetic
{
    public const string Path = "data.feedback.head";
    public const string Cel = "(self.data.feedback.head != '') == (self.data.feedback.scorer == 'aesthetic')";
    public const string Message = "is needed by the scorer aesthetic, and by no other — give it there only";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Data.Feedback.Head.Length > 0 == (spec.Data.Feedback.Scorer == ScorerType.Aesthetic));
}
