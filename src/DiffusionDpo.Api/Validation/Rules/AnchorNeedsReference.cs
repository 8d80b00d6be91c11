using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>The other losses have the winner's error in them.</summary>
internal static class AnchorNeedsReference
{
    public const string Path = "training.objective.winnerAnchor";
    public const string Cel = "self.training.objective.winnerAnchor == 0.0 || !(self.training.objective.type in ['sft', 'mapo'])";
    public const string Message = "is for objectives that compare with the reference; sft and mapo minimise the winner's error anyway — remove it, or choose another objective";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Training.Objective.WinnerAnchor == 0 || spec.Training.Objective.Type is not (ObjectiveType.Sft or ObjectiveType.Mapo));
}
