using System.Text.Json.Nodes;

namespace KubeApi.Resources;

/// <summary>events.k8s.io/v1 and core/v1 events are one object under two sets of names; the core form is stored.</summary>
internal sealed class EventConversion : IVersionConversion
{
    private static readonly (string Shown, string Stored)[] Names =
    [
        ("regarding", "involvedObject"), ("note", "message"), ("reportingController", "reportingComponent"), ("deprecatedSource", "source"),
        ("deprecatedFirstTimestamp", "firstTimestamp"), ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"),
    ];

    public JsonObject ToStored(JsonObject shown)
    {
        var stored = Rename(shown, name => Names.FirstOrDefault(pair => pair.Shown == name).Stored);
        stored["apiVersion"] = "v1";
        return stored;
    }

    public JsonObject FromStored(JsonObject stored)
    {
        var shown = Rename(stored, name => Names.FirstOrDefault(pair => pair.Stored == name).Shown);
        shown["apiVersion"] = "events.k8s.io/v1";
        return shown;
    }

    private static JsonObject Rename(JsonObject document, Func<string, string?> other) =>
        new(document.Select(field => KeyValuePair.Create(other(field.Key) ?? field.Key, field.Value?.DeepClone())));
}
