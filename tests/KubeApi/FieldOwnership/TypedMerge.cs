using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.FieldOwnership;

/// <summary>Lays an applied configuration over the live object, and takes out fields by path.</summary>
internal static class TypedMerge
{
    public static JsonNode? Merge(FieldSchema schema, JsonNode? live, JsonNode? applied)
    {
        if (schema.Shape is FieldShape.Struct or FieldShape.Map or FieldShape.Deduced && live is JsonObject liveMap && applied is JsonObject appliedMap)
            return MergeMap(schema, liveMap, appliedMap);
        if (schema.Shape is FieldShape.Set or FieldShape.ListMap && live is JsonArray liveList && applied is JsonArray appliedList)
            return MergeList(schema, liveList, appliedList);
        return applied?.DeepClone();
    }

    /// <summary>Removes one path; an emptied list goes with its last item, and a field of a struct that becomes an empty object with it, unless somebody owns it.</summary>
    /// <param name="schema">Of what <paramref name="at"/> is.</param>
    /// <param name="at">Where the path begins.</param>
    /// <param name="path">What goes.</param>
    /// <param name="owned">What anybody owns there.</param>
    public static void Remove(FieldSchema schema, JsonNode? at, ReadOnlySpan<string> path, FieldSet? owned)
    {
        var element = path[0];
        if (at is JsonObject map && element.StartsWith("f:", StringComparison.Ordinal))
        {
            var name = element[2..];
            if (path.Length == 1)
            {
                map.Remove(name);
                return;
            }

            var below = owned?.Below(element);
            Remove(schema.Field(name) ?? FieldSchema.Deduced, map[name], path[1..], below);
            var isFieldOfStruct = schema.Shape == FieldShape.Struct && schema.Fields.ContainsKey(name);
            if (map[name] is JsonArray { Count: 0 } || (isFieldOfStruct && below is null or { IsEmpty: true } && map[name] is JsonObject { Count: 0 }))
                map.Remove(name);
        }
        else if (at is JsonArray list && schema.Shape is FieldShape.Set or FieldShape.ListMap)
        {
            var index = ListItems.Of(schema, (JsonArray)at!).ToList().FindIndex(item => item.Element == element);
            if (index < 0)
                return;
            if (path.Length == 1)
                ((JsonArray)at!).RemoveAt(index);
            else
                Remove(schema.Item ?? FieldSchema.Atomic, ((JsonArray)at!)[index], path[1..], owned?.Below(element));
        }
    }

    private static JsonObject MergeMap(FieldSchema schema, JsonObject live, JsonObject applied)
    {
        var result = live.Copy();
        foreach (var (name, value) in applied)
        {
            result[name] = live.TryGetPropertyValue(name, out var old)
                ? Merge(schema.Field(name) ?? FieldSchema.Deduced, old, value)
                : value?.DeepClone();
        }

        return result;
    }

    private static JsonArray MergeList(FieldSchema schema, JsonArray live, JsonArray applied)
    {
        var theirs = ListItems.Of(schema, applied).ToList();
        var wanted = theirs.Select(item => item.Element).ToHashSet(StringComparer.Ordinal);
        var mine = ListItems.Of(schema, live).ToList();
        var result = new JsonArray();
        var next = 0;
        foreach (var (element, item) in mine)
        {
            if (!wanted.Contains(element))
            {
                result.Add(item?.DeepClone());
                continue;
            }

            // A shared item: the applied order decides, so everything applied up to it comes first.
            var upTo = theirs.FindIndex(other => other.Element == element);
            for (; next <= upTo; next++)
                result.Add(MergeItem(schema, mine, theirs[next]));
        }

        for (; next < theirs.Count; next++)
            result.Add(MergeItem(schema, mine, theirs[next]));
        return result;
    }

    private static JsonNode? MergeItem(FieldSchema schema, List<(string Element, JsonNode? Item)> live, (string Element, JsonNode? Item) applied)
    {
        var index = live.FindIndex(item => item.Element == applied.Element);
        return index < 0 ? applied.Item?.DeepClone() : Merge(schema.Item ?? FieldSchema.Atomic, live[index].Item, applied.Item);
    }
}
