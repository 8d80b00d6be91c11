using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>A loss that looks at the policy alone has no reference whose errors could be kept.</summary>
internal static class ReferenceCacheNeedsReference
{
    public const string Path = "training.referenceCache";
    public const string Cel = "!self.training.referenceCache || !(self.training.objective.type in ['sft', 'mapo'])";
    public const string Message = "has no effect on the objectives sft and mapo, which have no reference — remove it, or choose another objective";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => !spec.Training.ReferenceCache || spec.Training.Objective.Type is not (ObjectiveType.Sft or ObjectiveType.Mapo));
}
