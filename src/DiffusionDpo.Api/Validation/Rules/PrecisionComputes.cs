using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Half precision is for stored weights.</summary>
internal static class PrecisionComputes
{
    public const string Path = "training.precision";
    public const string Cel = "!has(self.training.precision) || self.training.precision != 'fp16'";
    public const string Message = "fp16 is for stored weights only: its range needs loss scaling, and CPUs compute in it unusably slowly — compute in bf16 or fp32";

    public static readonly FineTuneRule Rule = new(Path, Cel, Message, spec => spec.Training.Precision != Precision.Float16);
}
