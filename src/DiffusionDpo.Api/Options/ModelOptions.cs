using System.Text.Json.Serialization;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>The base model to fine-tune.</summary>
public sealed record ModelOptions
{
    /// <summary>The model family; it decides the networks, the text encoders and the defaults of a preset.</summary>
    public ModelFamily Family { get; init; } = ModelFamily.Sd15;

    /// <summary>Where the model is: a directory in diffusers layout (a path, file://, s3:// or az:// URI).</summary>
    [Length(1, 1024), Pattern(TextPatterns.Location)]
    public required string Source { get; init; }
}

/// <summary>The families of diffusion models that can be fine-tuned.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelFamily>))]
public enum ModelFamily
{
    /// <summary>Stable Diffusion 1.x.</summary>
    [JsonStringEnumMemberName("sd15")] Sd15,

    /// <summary>Stable Diffusion 2.x.</summary>
    [JsonStringEnumMemberName("sd21")] Sd21,

    /// <summary>Stable Diffusion XL.</summary>
    [JsonStringEnumMemberName("sdxl")] Sdxl,
}
