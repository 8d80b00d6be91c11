using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Presets;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Cached errors are bound to the content of images, which is known of prepared ones only.</summary>
internal static class ReferenceCacheNeedsLatents
{
    public const string Path = "training.referenceCache";
    public const string Cel =
        "!self.training.referenceCache || (has(self.data.cache) ? self.data.cache == 'latents' : !has(self.data.crop) || self.data.crop != 'random')";
    public const string Message =
        "is true, which needs images that are prepared — set data.cache to latents and data.crop to center, or training.referenceCache to false";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => !spec.Training.ReferenceCache || PresetResolution.CacheOf(spec.Data, PresetList.Get(spec.Preset)) == DataCache.Latents);
}
