using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>The safeguard holds for losses that pull at both errors of a pair with one strength; sft has no loser, and mapo pulls with two.</summary>
internal static class SafeguardNeedsReference
{
    public const string Path = "training.objective.safeguard";
    public const string Cel = "!self.training.objective.safeguard || !(self.training.objective.type in ['sft', 'mapo'])";
    public const string Message = "is for objectives that compare with the reference, not for sft and mapo — remove it, or choose another objective";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => !spec.Training.Objective.Safeguard || spec.Training.Objective.Type is not (ObjectiveType.Sft or ObjectiveType.Mapo));
}
