namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>The VAE makes one latent of 8 × 8 pixels.</summary>
internal static class ResolutionFitsLatents
{
    public const string Path = "data.resolution";
    public const string Cel = "!has(self.data.resolution) || self.data.resolution % 8 == 0";
    public const string Message = "is not divisible by 8, the VAE's scale — take the next multiple of 8";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Data.Resolution is not { } resolution || resolution % 8 == 0);
}
