using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Definitions;
using KubeApi.Resources;
using KubeApi.Storage;

namespace KubeApi.Reads;

/// <summary>What `kubectl get` prints: columns and rows.</summary>
internal static class Table
{
    private const string NameText = "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
    private const string AgeText = "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";
    private static readonly PrinterColumn Name = new("Name", "string", "name", NameText, 0, ".metadata.name");
    private static readonly PrinterColumn Age = new("Age", "string", "", AgeText, 0, ".metadata.creationTimestamp");

    public static JsonObject Of(RequestContext context, IReadOnlyList<StoredObject> items, string resourceVersion)
    {
        var columns = Columns(context.Type);
        var include = context.Query("includeObject");
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = resourceVersion },
            ["columnDefinitions"] = new JsonArray([.. columns.Select(column => (JsonNode)Definition(context.Type, column))]),
            ["rows"] = new JsonArray([.. items.Select(item => (JsonNode)Row(context, columns, item.Document(), include))]),
        };
    }

    private static List<PrinterColumn> Columns(ResourceType type)
    {
        var own = type.Columns.Count > 0 ? type.Columns : type.Strategy.Columns;
        return own.Any(column => column.JsonPath == Age.JsonPath) ? [Name, .. own] : [Name, .. own, Age];
    }

    private static JsonObject Definition(ResourceType type, PrinterColumn column) => new()
    {
        ["name"] = column.Name,
        ["type"] = column.Type,
        ["format"] = column.Format == "count" ? "" : column.Format,
        ["description"] = column.Description.Length > 0 || !type.IsCustom ? column.Description : $"Custom resource definition column (in JSONPath format): {column.JsonPath}",
        ["priority"] = column.Priority,
    };

    private static JsonObject Row(RequestContext context, List<PrinterColumn> columns, JsonObject document, string include) => new()
    {
        ["cells"] = new JsonArray([.. columns.Select(column => Cell(context, column, document))]),
        ["object"] = include switch { "None" => null, "Object" => document, _ => PartialMetadata.Of(document) },
    };

    private static JsonNode? Cell(RequestContext context, PrinterColumn column, JsonObject document)
    {
        var value = Select(document, column.JsonPath);
        if (column.Type == "date" || column == Age)
            return value is null ? "<unknown>" : Since(context.Server.Time.GetUtcNow() - DateTimeOffset.Parse(value.ToString(), CultureInfo.InvariantCulture));
        if (column.Format == "count")
            return (value as JsonObject)?.Count ?? 0;
        return value?.DeepClone();
    }

    private static JsonNode? Select(JsonObject document, string path)
    {
        JsonNode? at = document;
        // The "@." of a filter is not a step.
        foreach (var part in path.Trim('{', '}').Replace("@.", "@", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
            at = JsonPathStep.Take(at, part);
        return at;
    }

    /// <summary>An age as people read it: 5s, 3m10s, 2h, 4d.</summary>
    private static string Since(TimeSpan age) => age.TotalSeconds switch
    {
        < 120 => $"{(long)age.TotalSeconds}s",
        < 600 => $"{age.Minutes}m{age.Seconds}s",
        < 3 * 3600 => $"{(long)age.TotalMinutes}m",
        < 48 * 3600 => $"{(long)age.TotalHours}h",
        _ => $"{(long)age.TotalDays}d",
    };
}
