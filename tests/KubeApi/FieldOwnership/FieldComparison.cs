using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.FieldOwnership;

/// <summary>Which fields were added, changed and removed between two states of an object.</summary>
public sealed class FieldComparison
{
    public FieldSet Added { get; } = new();

    public FieldSet Modified { get; } = new();

    public FieldSet Removed { get; } = new();

    public bool IsSame => Added.IsEmpty && Modified.IsEmpty && Removed.IsEmpty;

    public static FieldComparison Compare(FieldSchema schema, JsonObject before, JsonObject after)
    {
        var comparison = new FieldComparison();
        comparison.Walk(schema, [], true, before, true, after);
        return comparison;
    }

    /// <summary>The set of fields an applied configuration names: leaves, empty containers, and items of list maps.</summary>
    public static FieldSet SetOf(FieldSchema schema, JsonObject document)
    {
        var set = new FieldSet();
        Collect(schema, document, set);
        return set;
    }

    private static void Collect(FieldSchema schema, JsonNode? value, FieldSet at)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map when schema.Shape is FieldShape.Struct or FieldShape.Map or FieldShape.Deduced:
                foreach (var (name, child) in map)
                    Collect(schema.Field(name) ?? FieldSchema.Deduced, child, at.Add($"f:{name}"));
                break;
            case JsonArray { Count: > 0 } list when schema.Shape == FieldShape.Set:
                foreach (var (element, _) in ListItems.Of(schema, list))
                    at.Add(element).IsMember = true;
                break;
            case JsonArray { Count: > 0 } list when schema.Shape == FieldShape.ListMap:
                foreach (var (element, item) in ListItems.Of(schema, list))
                {
                    var below = at.Add(element);
                    Collect(schema.Item!, item, below);
                    below.IsMember = true;
                }

                break;
            default:
                at.IsMember = true;
                break;
        }
    }

    private void Walk(FieldSchema schema, List<string> path, bool hadBefore, JsonNode? before, bool hasAfter, JsonNode? after)
    {
        var isList = schema.Shape is FieldShape.Set or FieldShape.ListMap;
        var isMap = schema.Shape is FieldShape.Struct or FieldShape.Map or FieldShape.Deduced;
        if (isMap && (before is JsonObject || !hadBefore) && (after is JsonObject || !hasAfter))
            WalkMap(schema, path, before as JsonObject, after as JsonObject);
        else if (isList && (before is JsonArray || !hadBefore) && (after is JsonArray || !hasAfter))
            WalkList(schema, path, before as JsonArray, after as JsonArray);
        else if (hadBefore && hasAfter && !before.SameAs(after))
            Modified.Insert(path);
        if (!hadBefore)
            Added.Insert(path);
        else if (!hasAfter)
            Removed.Insert(path);
    }

    private void WalkMap(FieldSchema schema, List<string> path, JsonObject? before, JsonObject? after)
    {
        foreach (var name in (before ?? []).Select(field => field.Key).Union((after ?? []).Select(field => field.Key)))
        {
            JsonNode? old = null, now = null;
            var had = before?.TryGetPropertyValue(name, out old) ?? false;
            var has = after?.TryGetPropertyValue(name, out now) ?? false;
            Walk(schema.Field(name) ?? FieldSchema.Deduced, [.. path, $"f:{name}"], had, old, has, now);
        }
    }

    private void WalkList(FieldSchema schema, List<string> path, JsonArray? before, JsonArray? after)
    {
        var old = ByElement(schema, before);
        var now = ByElement(schema, after);
        foreach (var element in old.Keys.Union(now.Keys))
        {
            var had = old.TryGetValue(element, out var was);
            var has = now.TryGetValue(element, out var isNow);
            Walk(schema.Item ?? FieldSchema.Atomic, [.. path, element], had, was, has, isNow);
        }
    }

    private static Dictionary<string, JsonNode?> ByElement(FieldSchema schema, JsonArray? list)
    {
        var items = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (element, item) in list is null ? [] : ListItems.Of(schema, list))
            items[element] = item;
        return items;
    }
}
