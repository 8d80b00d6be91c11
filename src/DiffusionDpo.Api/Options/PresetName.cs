using System.Text.Json.Serialization;

namespace DiffusionDpo.Api.Options;

/// <summary>The sets of numbers that fill what a fine-tune leaves open.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PresetName>))]
public enum PresetName
{
    /// <summary>What we found to work: the authors' learning rate, bf16 networks, clipping.</summary>
    [JsonStringEnumMemberName("recommended")] Recommended,

    /// <summary>The numbers printed in the paper.</summary>
    [JsonStringEnumMemberName("paper")] Paper,

    /// <summary>The numbers in the code of the paper's authors.</summary>
    [JsonStringEnumMemberName("salesforce")] Salesforce,
}
