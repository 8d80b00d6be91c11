using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Full fine-tuning has no adapters to scale.</summary>
internal static class AlphaNeedsLora
{
    public const string Path = "adapter.alpha";
    public const string Cel = "!has(self.adapter.alpha) || self.adapter.type == 'lora'";
    public const string Message = "has no effect without adapters — remove it, or set adapter.type to lora";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Adapter.Alpha is null || spec.Adapter.Type == AdapterType.Lora);
}
