using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Only one loss has that margin.</summary>
internal static class MarginWeightNeedsMapo
{
    public const string Path = "training.objective.marginWeight";
    public const string Cel = "!has(self.training.objective.marginWeight) || self.training.objective.type == 'mapo'";
    public const string Message = "has an effect on the objective mapo only — remove it, or choose mapo";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Training.Objective.MarginWeight is null || spec.Training.Objective.Type == ObjectiveType.Mapo);
}
