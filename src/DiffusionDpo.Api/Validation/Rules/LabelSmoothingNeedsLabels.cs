using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Of the losses only these two have a model of wrong labels.</summary>
internal static class LabelSmoothingNeedsLabels
{
    public const string Path = "training.objective.labelSmoothing";
    public const string Cel = "self.training.objective.labelSmoothing == 0.0 || self.training.objective.type in ['sigmoid', 'robust']";
    public const string Message = "has an effect on the objectives sigmoid and robust only — remove it, or choose one of them";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Training.Objective.LabelSmoothing == 0 || spec.Training.Objective.Type is ObjectiveType.Sigmoid or ObjectiveType.Robust);
}
