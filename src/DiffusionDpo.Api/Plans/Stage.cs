using System.Text.Json.Serialization;

namespace DiffusionDpo.Api.Plans;

/// <summary>The steps of a run, in their order.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Stage>))]
public enum Stage
{
    /// <summary>Encodes every different image and prompt once; only where <c>data.cache</c> asks for it.</summary>
    [JsonStringEnumMemberName("prepare")] Prepare,

    /// <summary>Trains the policy and saves checkpoints.</summary>
    [JsonStringEnumMemberName("train")] Train,

    /// <summary>Writes the trained model in diffusers layout.</summary>
    [JsonStringEnumMemberName("export")] Export,
}
