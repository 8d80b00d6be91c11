using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Without a reference there is nothing that β could pull towards: it would silently do nothing.</summary>
internal static class BetaNeedsReference
{
    public const string Path = "training.objective.beta";
    public const string Cel = "!(self.training.objective.type in ['sft', 'mapo']) || !has(self.training.objective.beta)";
    public const string Message = "has no effect on the objectives sft and mapo, which have no reference — remove it, or choose another objective";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Training.Objective.Type is not (ObjectiveType.Sft or ObjectiveType.Mapo) || spec.Training.Objective.Beta is null);
}
