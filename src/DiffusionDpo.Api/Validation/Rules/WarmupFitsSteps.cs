namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>A warm-up that never ends means that the learning rate is never reached. 2000 steps are what every preset has.</summary>
internal static class WarmupFitsSteps
{
    public const string Path = "optimizer.warmupSteps";
    public const string Cel =
        "!has(self.optimizer.warmupSteps) || self.optimizer.warmupSteps <= (has(self.training.steps) ? " +
        "self.training.steps : 2000)";
    public const string Message = "is more than training.steps (2000 where not given) — warm up for fewer steps";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Optimizer.WarmupSteps is not { } warmup || warmup <= (spec.Training.Steps ?? 2000));
}
