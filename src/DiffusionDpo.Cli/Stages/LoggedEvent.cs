using System.Text.Json.Nodes;

namespace DiffusionDpo.Cli.Stages;

/// <summary>Something else than a step in a run's log.</summary>
/// <param name="Time">When it happened.</param>
/// <param name="Name">What, such as <c>checkpoint</c>.</param>
/// <param name="Fields">All its fields, these two included.</param>
internal sealed record LoggedEvent(DateTimeOffset Time, string Name, JsonObject Fields)
{
    /// <summary>A field as text for people; empty where it is missing.</summary>
    /// <param name="field">Its name.</param>
    public string Text(string field) => Fields[field]?.ToString() ?? "";

    /// <summary>A field that is a number; null where it is missing or none.</summary>
    /// <param name="field">Its name.</param>
    public double? Number(string field) => Fields[field] is JsonValue value && value.TryGetValue(out double number) ? number : null;
}
