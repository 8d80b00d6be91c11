namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>A margin of a safeguard that is off.</summary>
internal static class SafeguardMarginNeedsSafeguard
{
    public const string Path = "training.objective.safeguardMargin";
    public const string Cel = "!has(self.training.objective.safeguardMargin) || self.training.objective.safeguard";
    public const string Message = "has no effect without the safeguard — remove it, or set training.objective.safeguard to true";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Training.Objective.SafeguardMargin is null || spec.Training.Objective.Safeguard);
}
