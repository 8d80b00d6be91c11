using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>A latent cache holds one square of each image; random crops would need another on every visit.</summary>
internal static class CacheNeedsCenterCrop
{
    public const string Path = "data.crop";
    public const string Cel = "!has(self.data.crop) || self.data.crop != 'random' || !has(self.data.cache) || self.data.cache != 'latents'";
    public const string Message = "is random, which latents that are encoded once cannot follow — set data.crop to center, or data.cache to none";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Data.Crop != CropMode.Random || spec.Data.Cache != DataCache.Latents);
}
