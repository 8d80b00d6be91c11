using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Models.Layouts;

/// <summary>
/// A whole model in both layouts, derived from its configurations. Where the names of a text encoder stand in the single file depends on how
/// many there are, and on whose network it is.
/// </summary>
/// <param name="Networks">Its networks.</param>
/// <param name="NeedsWideAutoencoder">Whether the autoencoder overflows in half precision.</param>
internal sealed record ModelLayout(IReadOnlyList<NetworkLayout> Networks, bool NeedsWideAutoencoder)
{
    /// <summary>What the UNet's names begin with in every single file.</summary>
    public const string UNetPrefix = "model.diffusion_model.";

    private const string AutoencoderPrefix = "first_stage_model.";

    /// <summary>The layout of a model.</summary>
    /// <exception cref="RunException">Configuration error: a configuration cannot be read, has no single-file form, or two do not belong together.</exception>
    public static ModelLayout Of(ModelConfigs configs)
    {
        UNetOutline unet = UNetOutline.Read(Text(configs, ModelConfigs.UNet), configs.PlaceOf(ModelConfigs.UNet));
        AutoencoderOutline autoencoder = AutoencoderOutline.Read(Text(configs, ModelConfigs.Autoencoder), configs.PlaceOf(ModelConfigs.Autoencoder));
        (string Component, TextEncoderOutline Outline)[] encoders =
        [
            .. configs.Texts.Keys.Intersect([ModelConfigs.TextEncoder, ModelConfigs.TextEncoder2]).Order(StringComparer.Ordinal)
                .Select(each => (each, TextEncoderOutline.Read(configs.Texts[each], configs.PlaceOf(each)))),
        ];
        RefuseMixed(configs, unet, [.. encoders.Select(each => each.Outline)]);
        bool hasSecond = configs.Texts.ContainsKey(ModelConfigs.TextEncoder2);
        NetworkLayout[] networks =
        [
            new(ModelConfigs.UNet, UNetPrefix, UNetLayout.Of(unet)),
            new(ModelConfigs.Autoencoder, AutoencoderPrefix, AutoencoderLayout.Of(autoencoder)),
            .. encoders.Select((each, index) => Encoder(each.Component, hasSecond ? $"conditioner.embedders.{index}." : "cond_stage_model.", each.Outline)),
        ];
        return new(networks, hasSecond && autoencoder.ForceUpcast);
    }

    private static NetworkLayout Encoder(string component, string prefix, TextEncoderOutline outline) => outline.IsOpenClip
        ? new(component, $"{prefix}model.", OpenClipLayout.Of(outline)) { IsUnused = name => OpenClipLayout.IsUnused(name, outline) }
        : new(component, $"{prefix}transformer.", ClipLayout.Of(outline));

    // The UNet takes the states of all text encoders side by side and, from SDXL on, the last one's pooled projection beside the sizes.
    private static void RefuseMixed(ModelConfigs configs, UNetOutline unet, TextEncoderOutline[] encoders)
    {
        int width = encoders.Sum(each => each.HiddenSize);
        if (encoders.Length == 0 || unet.CrossAttentionDim.Values.Any(wanted => wanted != width))
            throw Mixed(configs, $"the UNet takes text states of {unet.CrossAttentionDim} numbers, and the text encoders give {width}");
        if (unet.AdditionEmbedType is null) return;
        int rest = unet.ProjectionClassEmbeddingsInputDim!.Value - encoders[^1].ProjectionDim;
        if (!encoders[^1].Projects || rest <= 0 || rest % unet.AdditionTimeEmbedDim != 0)
            throw Mixed(configs, $"the UNet takes {unet.ProjectionClassEmbeddingsInputDim} numbers of pooled text and sizes, and {encoders[^1].ProjectionDim} of text with sizes of {unet.AdditionTimeEmbedDim} each do not make them");
    }

    private static string Text(ModelConfigs configs, string component) => configs.Texts.GetValueOrDefault(component)
        ?? throw new RunException(ExitClass.InputMissing, $"{configs.Place} has no {component}; a whole model is needed");

    private static RunException Mixed(ModelConfigs configs, string what) => new(
        ExitClass.ConfigurationError, $"{configs.Place} mixes parts of different families: {what}; take all parts from one model");
}
