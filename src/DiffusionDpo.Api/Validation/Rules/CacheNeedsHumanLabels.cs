using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>A scorer makes pairs of rows that people left undecided, and those are not prepared.</summary>
internal static class CacheNeedsHumanLabels
{
    public const string Path = "data.cache";
    public const string Cel = "self.data.cache != 'latents' || self.data.labels != 'aiFeedback'";
    public const string Message = "is latents, which are prepared of the pairs that people labelled — set data.cache to none, or data.labels to human";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Data.Cache != DataCache.Latents || spec.Data.Labels != LabelSource.AiFeedback);
}
