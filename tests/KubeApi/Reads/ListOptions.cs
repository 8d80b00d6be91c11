using System.Globalization;
using KubeApi.Errors;
using KubeApi.Selectors;
using KubeApi.Storage;

namespace KubeApi.Reads;

/// <summary>The query of a list or watch.</summary>
internal sealed class ListOptions
{
    private readonly LabelSelector? _labels;
    private readonly FieldSelector? _fields;
    private readonly string _namespace;

    public ListOptions(RequestContext context)
    {
        Limit = ParseNumber(context.Query("limit"));
        Continue = context.Query("continue");
        ResourceVersionText = context.Query("resourceVersion");
        Match = context.Query("resourceVersionMatch");
        TimeoutSeconds = ParseNumber(context.Query("timeoutSeconds"));
        Bookmarks = context.Query("allowWatchBookmarks") is "true" or "1";
        SendInitialEvents = context.Query("sendInitialEvents") switch { "true" or "1" => true, "false" or "0" => false, _ => null };
        _labels = context.Query("labelSelector") is { Length: > 0 } labels ? LabelSelector.Parse(labels) : null;
        _fields = context.Query("fieldSelector") is { Length: > 0 } fields ? FieldSelector.Parse(fields, context.Type) : null;
        _namespace = context.Type.Namespaced ? context.Target.Namespace : "";
    }

    public long Limit { get; }

    public string Continue { get; }

    public string ResourceVersionText { get; }

    public string Match { get; }

    public long TimeoutSeconds { get; }

    public bool Bookmarks { get; }

    public bool? SendInitialEvents { get; }

    public bool HasSelector => _labels is not null || _fields is not null;

    public bool Selects(StoredObject item) =>
        InScope(item.Key) && (_labels?.Matches(item.Labels) ?? true) && (_fields?.Matches(item) ?? true);

    public bool InScope(ObjectKey key) => _namespace.Length == 0 || key.Namespace == _namespace;

    public static long ParseVersion(string text) => text.Length == 0 ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version
        : throw Refusals.BadRequest($"invalid resource version: {BadVersion(text)}");

    public static string BadVersion(string text) =>
        $"resourceVersion: Invalid value: {FieldError.Quote(text)}: strconv.ParseUint: parsing {FieldError.Quote(text)}: invalid syntax";

    private static long ParseNumber(string text) => text.Length == 0 ? 0
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw Refusals.BadRequest($"strconv.ParseInt: parsing {FieldError.Quote(text)}: invalid syntax");
}
