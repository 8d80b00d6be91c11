using System.Text.Json.Serialization;

namespace DiffusionDpo.Api.Options;

/// <summary>The losses.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ObjectiveType>))]
public enum ObjectiveType
{
    /// <summary>Diffusion-DPO: −log σ(logit) (Wallace et al. 2023, eq. 14).</summary>
    [JsonStringEnumMemberName("sigmoid")] Sigmoid,

    /// <summary>Robust DPO: unbiased where a known share of the labels is flipped (Chowdhury et al. 2024).</summary>
    [JsonStringEnumMemberName("robust")] Robust,

    /// <summary>max(0, 1 − logit), as in SLiC (Zhao et al. 2023).</summary>
    [JsonStringEnumMemberName("hinge")] Hinge,

    /// <summary>IPO: (logit − ½)² (Azar et al. 2023).</summary>
    [JsonStringEnumMemberName("ipo")] Ipo,

    /// <summary>MaPO: the winner's error and a margin between winner and loser, no reference (Hong et al. 2024).</summary>
    [JsonStringEnumMemberName("mapo")] Mapo,

    /// <summary>Supervised fine-tuning on the winners: plain mean-squared error, no reference.</summary>
    [JsonStringEnumMemberName("sft")] Sft,
}
