using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Cel;

/// <summary>Values of expressions: null, bool, long, double, string, lists and maps; documents are read in place.</summary>
internal static class CelValues
{
    public static object? Of(JsonNode? node) => node.Kind() switch
    {
        JsonValueKind.Object or JsonValueKind.Array => node,
        JsonValueKind.String => node!.GetValue<string>(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => Number((JsonValue)node!),
        _ => null,
    };

    public static IReadOnlyList<object?>? List(object? value) => value switch
    {
        JsonArray array => array.Select(Of).ToList(),
        IReadOnlyList<object?> list => list,
        _ => null,
    };

    public static IReadOnlyDictionary<object, object?>? Map(object? value) => value switch
    {
        JsonObject map => map.ToDictionary(field => (object)field.Key, field => Of(field.Value)),
        IReadOnlyDictionary<object, object?> map => map,
        _ => null,
    };

    public static bool Same(object? left, object? right)
    {
        if (left is long or double && right is long or double)
            return Convert.ToDouble(left, null) == Convert.ToDouble(right, null);
        if (List(left) is { } leftList && List(right) is { } rightList)
            return leftList.Count == rightList.Count && leftList.Zip(rightList, Same).All(same => same);
        if (Map(left) is { } leftMap && Map(right) is { } rightMap)
            return leftMap.Count == rightMap.Count && leftMap.All(entry => rightMap.TryGetValue(entry.Key, out var other) && Same(entry.Value, other));
        return Equals(left, right);
    }

    public static string TypeName(object? value) => value switch
    {
        null => "null_type",
        bool => "bool",
        long => "int",
        double => "double",
        string => "string",
        JsonArray or IReadOnlyList<object?> => "list",
        _ => "map",
    };

    private static object? Number(JsonValue value)
    {
        // A whole number may be stored as a real one; what the schema says decides in the real server, and whole numbers are what it takes.
        if (value.TryGetValue<double>(out var real) && Math.Floor(real) != real)
            return real;
        return value.AsInteger() is { } integer ? integer : (object?)value.AsNumber();
    }
}
