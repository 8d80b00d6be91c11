using System.Text.Json.Serialization;

namespace DiffusionDpo.Api.Options;

/// <summary>How tools that wait for readiness see a fine-tune.</summary>
public sealed record GitOpsOptions
{
    /// <summary>When the condition Ready becomes true.</summary>
    public ReadyWhen ReadyWhen { get; init; } = ReadyWhen.Running;
}

/// <summary>Moments of a run at which it may count as ready.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReadyWhen>))]
public enum ReadyWhen
{
    /// <summary>The specification is valid.</summary>
    Accepted,

    /// <summary>Training makes progress.</summary>
    Running,

    /// <summary>The model is exported.</summary>
    Complete,
}
