using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>At a flip rate of 0 robust is sigmoid, which is hardly what was meant.</summary>
internal static class RobustNeedsLabelSmoothing
{
    public const string Path = "training.objective.type";
    public const string Cel = "self.training.objective.type != 'robust' || self.training.objective.labelSmoothing > 0.0";
    public const string Message = "is the same as sigmoid without training.objective.labelSmoothing — give the share of labels that are flipped";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Training.Objective.Type != ObjectiveType.Robust || spec.Training.Objective.LabelSmoothing > 0);
}
