namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>An empty range has nothing to draw.</summary>
internal static class TimestepsAreARange
{
    public const string Path = "training.timesteps.min";
    public const string Cel = "self.training.timesteps.min <= self.training.timesteps.max";
    public const string Message = "is more than training.timesteps.max (999 where not given) — exchange them, or choose others";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Training.Timesteps.Min <= spec.Training.Timesteps.Max);
}
