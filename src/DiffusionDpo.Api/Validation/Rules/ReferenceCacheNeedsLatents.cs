using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Cached errors are bound to the content of images, which is known of prepared ones only.</summary>
internal static class ReferenceCacheNeedsLatents
{
    public const string Path = "training.referenceCache";
    public const string Cel = "!self.training.referenceCache || self.data.cache == 'latents'";
    public const string Message = "is true, which needs images that are prepared — set data.cache to latents, or training.referenceCache to false";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => !spec.Training.ReferenceCache || spec.Data.Cache == DataCache.Latents);
}
