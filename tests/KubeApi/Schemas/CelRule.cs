using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Schemas;

/// <summary>One entry of x-kubernetes-validations.</summary>
public sealed record CelRule(string Rule, string? Message, string? MessageExpression, string Reason, string FieldPath)
{
    /// <summary>A transition rule speaks of the old value: it holds for updates only.</summary>
    public bool IsTransition => Rule.Contains("oldSelf", StringComparison.Ordinal);

    public static CelRule Read(JsonObject json) => new(
        json.Text("rule") ?? "", json.Text("message"), json.Text("messageExpression"), json.Text("reason") ?? "FieldValueInvalid", json.Text("fieldPath") ?? "");
}
