using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Supervised fine-tuning has no reference, so β would silently do nothing.</summary>
internal static class BetaNeedsPreferences
{
    public const string Path = "training.objective.beta";
    public const string Cel = "self.training.objective.type != 'sft' || !has(self.training.objective.beta)";
    public const string Message = "has no effect on the objective sft — remove it, or choose sigmoid";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Training.Objective.Type != ObjectiveType.Sft || spec.Training.Objective.Beta is null);
}
