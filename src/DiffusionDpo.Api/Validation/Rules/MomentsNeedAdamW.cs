using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Adafactor keeps no first moment, and its second moment's decay grows with the step: AdamW's numbers would silently do nothing.</summary>
internal static class MomentsNeedAdamW
{
    public const string Path = "optimizer.type";
    public const string Cel = "!has(self.optimizer.type) || self.optimizer.type != 'adafactor' || "
        + "!(has(self.optimizer.beta1) || has(self.optimizer.beta2) || has(self.optimizer.epsilon))";
    public const string Message = "adafactor has neither beta1, beta2 nor epsilon — remove them, or choose adamw";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Optimizer.Type != OptimizerType.Adafactor || spec.Optimizer is { Beta1: null, Beta2: null, Epsilon: null });
}
