using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Patches;

/// <summary>RFC 6902 with the real server's leniency: replace of a missing member adds it.</summary>
internal static class JsonPatch
{
    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        foreach (var operation in operations)
            Apply(target, operation as JsonObject ?? throw Refused());
        return target;
    }

    private static void Apply(JsonObject target, JsonObject operation)
    {
        var path = operation.Text("path") ?? throw Refused();
        switch (operation.Text("op"))
        {
            case "add":
                Put(target, path, operation["value"]?.DeepClone(), true);
                break;
            case "replace":
                Put(target, path, operation["value"]?.DeepClone(), false);
                break;
            case "remove":
                Take(target, path);
                break;
            case "move":
                Put(target, path, Take(target, operation.Text("from") ?? throw Refused()), true);
                break;
            case "copy":
                Put(target, path, Look(target, operation.Text("from") ?? throw Refused())?.DeepClone(), true);
                break;
            case "test":
                if (!Look(target, path).SameAs(operation["value"]))
                    throw Refused();
                break;
            default:
                throw Refused();
        }
    }

    private static void Put(JsonObject target, string path, JsonNode? value, bool insert)
    {
        var (parent, last) = Parent(target, path);
        if (parent is JsonObject map)
        {
            map[last] = value;
            return;
        }

        var list = parent as JsonArray ?? throw Refused();
        if (last == "-")
            list.Add(value);
        else if (insert)
            list.Insert(Index(last, list.Count), value);
        else
            list[Index(last, list.Count - 1)] = value;
    }

    private static JsonNode? Take(JsonObject target, string path)
    {
        var (parent, last) = Parent(target, path);
        switch (parent)
        {
            case JsonObject map when map.TryGetPropertyValue(last, out var value):
                map.Remove(last);
                return value;
            case JsonArray list:
                var index = Index(last, list.Count - 1);
                var item = list[index];
                list.RemoveAt(index);
                return item;
            default:
                throw Refused();
        }
    }

    private static JsonNode? Look(JsonObject target, string path)
    {
        var (parent, last) = Parent(target, path);
        return parent switch
        {
            JsonObject map => map[last],
            JsonArray list => list[Index(last, list.Count - 1)],
            _ => throw Refused(),
        };
    }

    private static (JsonNode? Parent, string Last) Parent(JsonObject target, string path)
    {
        var parts = path.Split('/').Skip(1).Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
        if (parts.Count == 0)
            throw Refused();
        JsonNode? at = target;
        foreach (var part in parts.SkipLast(1))
            at = at switch
            {
                JsonObject map => map[part],
                JsonArray list => list[Index(part, list.Count - 1)],
                _ => throw Refused(),
            };
        return (at ?? throw Refused(), parts[^1]);
    }

    private static int Index(string text, int maximum) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= maximum ? index : throw Refused();

    private static ApiException Refused() => new(422, "Invalid", "the server rejected our request due to an error in our request", []);
}
