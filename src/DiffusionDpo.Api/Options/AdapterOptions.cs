using System.Text.Json.Serialization;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>Which weights are trained.</summary>
public sealed record AdapterOptions
{
    private const int DefaultRank = 16;

    /// <summary>All weights of the UNet, or low-rank adapters beside them.</summary>
    public AdapterType Type { get; init; } = AdapterType.None;

    /// <summary>Rank of the adapters. Unset: 16.</summary>
    [RangeMinimum(1), RangeMaximum(1024)]
    public int? Rank { get; init; }

    /// <summary>Scale of the adapters: their output is multiplied by alpha / rank. Unset: the rank.</summary>
    [RangeMinimum(0, exclusiveMinimum: true), RangeMaximum(1e5)]
    public double? Alpha { get; init; }

    /// <summary>The modules that get an adapter, by the end of their names.</summary>
    [Items(1, 32), Length(1, 128)]
    public IReadOnlyList<string> Targets { get; init; } = ["to_q", "to_k", "to_v", "to_out.0"];

    /// <summary>The same with everything set; alpha = rank multiplies by 1.</summary>
    public AdapterOptions WithDefaults() => this with { Rank = Rank ?? DefaultRank, Alpha = Alpha ?? Rank ?? DefaultRank };
}

/// <summary>Kinds of adapters.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AdapterType>))]
public enum AdapterType
{
    /// <summary>Full fine-tuning.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>Low-rank adapters (Hu et al. 2021).</summary>
    [JsonStringEnumMemberName("lora")] Lora,
}
