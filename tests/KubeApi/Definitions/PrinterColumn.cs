using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Definitions;

/// <summary>A column of `kubectl get`.</summary>
public sealed record PrinterColumn(string Name, string Type, string Format, string Description, long Priority, string JsonPath)
{
    public static PrinterColumn Read(JsonObject json) => new(
        json.Text("name") ?? "", json.Text("type") ?? "", json.Text("format") ?? "", json.Text("description") ?? "",
        json.Integer("priority") ?? 0, json.Text("jsonPath") ?? "");
}
