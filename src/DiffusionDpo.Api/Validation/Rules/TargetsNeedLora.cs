using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Whoever names other modules than the usual ones wants adapters: without them all weights would be trained.</summary>
internal static class TargetsNeedLora
{
    public const string Path = "adapter.targets";
    public const string Cel = "self.adapter.type == 'lora' || self.adapter.targets == ['to_q', 'to_k', 'to_v', 'to_out.0']";
    public const string Message = "has no effect without adapters — remove it, or set adapter.type to lora";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Adapter.Type == AdapterType.Lora || spec.Adapter.Targets.SequenceEqual(new AdapterOptions().Targets));
}
