using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Whoever gives a rank wants adapters: without them all weights would be trained.</summary>
internal static class RankNeedsLora
{
    public const string Path = "adapter.rank";
    public const string Cel = "!has(self.adapter.rank) || self.adapter.type == 'lora'";
    public const string Message = "has no effect without adapters — remove it, or set adapter.type to lora";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Adapter.Rank is null || spec.Adapter.Type == AdapterType.Lora);
}
