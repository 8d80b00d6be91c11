using System.Text.Json.Nodes;
using KubeApi.FieldOwnership;
using KubeApi.Json;

namespace KubeApi.Patches;

/// <summary>Merge patch for builtin kinds: lists with keys are merged by them; $patch directives delete and replace.</summary>
internal static class StrategicMergePatch
{
    public static JsonObject Apply(JsonObject target, JsonObject patch, FieldSchema schema)
    {
        if (patch.Text("$patch") == "replace")
            return Plain(patch);
        foreach (var (name, value) in patch)
        {
            if (name == "$patch" || name.StartsWith("$setElementOrder/", StringComparison.Ordinal) || name.StartsWith("$retainKeys", StringComparison.Ordinal))
                continue;
            if (name.StartsWith("$deleteFromPrimitiveList/", StringComparison.Ordinal))
            {
                DeleteItems(target[name["$deleteFromPrimitiveList/".Length..]] as JsonArray, value as JsonArray ?? []);
                continue;
            }

            var below = schema.Field(name) ?? FieldSchema.Deduced;
            switch (value)
            {
                case null:
                case JsonObject map when map.Text("$patch") == "delete":
                    target.Remove(name);
                    break;
                case JsonObject map:
                    target[name] = Apply(target.Object(name)?.Copy() ?? [], map, below);
                    break;
                case JsonArray list when below.Shape is FieldShape.ListMap or FieldShape.Set:
                    target[name] = MergeList(target.Array(name) ?? [], list, below);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }

        return target;
    }

    private static JsonArray MergeList(JsonArray target, JsonArray patch, FieldSchema schema)
    {
        if (patch.Any(item => (item as JsonObject).Text("$patch") == "replace"))
            return [.. patch.Where(item => (item as JsonObject).Text("$patch") is null).Select(item => item?.DeepClone())];
        var untouched = Enumerable.Range(0, target.Count).ToList();
        var patched = new List<(int Place, JsonNode? Item)>();
        foreach (var item in patch)
        {
            var index = IndexOf(target, item, schema);
            untouched.Remove(index);
            if (item is JsonObject map && map.Text("$patch") == "delete")
                continue;
            var old = index < 0 ? [] : (target[index] as JsonObject)?.Copy() ?? [];
            patched.Add((index, item is JsonObject change ? Apply(old, change, schema.Item ?? FieldSchema.Deduced) : item?.DeepClone()));
        }

        return Interleave(target, untouched, patched);
    }

    // Items the patch does not name keep their place before the patched ones that stood behind them; new items come as they are given.
    private static JsonArray Interleave(JsonArray target, List<int> untouched, List<(int Place, JsonNode? Item)> patched)
    {
        var result = new JsonArray();
        int left = 0, right = 0;
        while (left < untouched.Count || right < patched.Count)
        {
            if (right >= patched.Count || left < untouched.Count && patched[right].Place > untouched[left])
                result.Add(target[untouched[left++]]?.DeepClone());
            else
                result.Add(patched[right++].Item);
        }

        return result;
    }

    private static int IndexOf(JsonArray list, JsonNode? wanted, FieldSchema schema)
    {
        for (var index = 0; index < list.Count; index++)
        {
            var same = schema.Shape == FieldShape.Set
                ? list[index].SameAs(wanted)
                : schema.Keys.Where(key => (wanted as JsonObject)?[key] is not null).All(key => (list[index] as JsonObject)?[key].SameAs((wanted as JsonObject)?[key]) ?? false);
            if (same)
                return index;
        }

        return -1;
    }

    private static void DeleteItems(JsonArray? list, JsonArray unwanted)
    {
        for (var index = (list?.Count ?? 0) - 1; index >= 0; index--)
        {
            if (unwanted.Any(item => item.SameAs(list![index])))
                list!.RemoveAt(index);
        }
    }

    private static JsonObject Plain(JsonObject patch)
    {
        var plain = patch.Copy();
        plain.Remove("$patch");
        return plain;
    }
}
