using System.Text.Json.Serialization;

namespace DiffusionDpo.Api.Options;

/// <summary>Models that say how well an image fits a prompt, or pleases.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScorerType>))]
public enum ScorerType
{
    /// <summary>CLIP score (Hessel et al. 2021): how well image and prompt fit, by a CLIP model as it was published.</summary>
    [JsonStringEnumMemberName("clipScore")] ClipScore,

    /// <summary>PickScore (Kirstain et al. 2023): a CLIP ViT-H/14 trained on Pick-a-Pic's preferences.</summary>
    [JsonStringEnumMemberName("pickScore")] PickScore,

    /// <summary>Human Preference Score v2 (Wu et al. 2023): another, trained on HPD v2.</summary>
    [JsonStringEnumMemberName("hpsV2")] HpsV2,

    /// <summary>LAION's aesthetic predictor (Schuhmann 2022): a head on CLIP ViT-L/14; prompts do not count.</summary>
    [JsonStringEnumMemberName("aesthetic")] Aesthetic,
}
