using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;
using KubeApi.Schemas;

namespace KubeApi.Resources;

/// <summary>Events; in their newer form some fields are required and only the series may change.</summary>
internal sealed class EventStrategy(Type model, bool isNew) : BuiltinStrategy(model)
{
    private const int NoteLimit = 1024;

    public override IReadOnlyCollection<string> SelectableFields { get; } =
    [
        "metadata.name", "metadata.namespace", "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
        "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ];

    public override string UnknownFieldLabel(string field) => $"field label not supported: {field}";

    public override void Decode(JsonObject document, ICollection<string> unknown)
    {
        base.Decode(document, unknown);
        MicroTime.Normalize("Event", document, "eventTime");
        MicroTime.Normalize("Event", document.Object("series"), "lastObservedTime");
    }

    /// <summary>Fields that the API shows even where they are empty; in the stored form.</summary>
    public override void Default(JsonObject document)
    {
        string[] names = isNew ? ["deprecatedSource", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"] : ["source", "firstTimestamp", "lastTimestamp"];
        if (document[names[0]] is null)
            document[names[0]] = new JsonObject();
        foreach (var time in names.Skip(1).Append("eventTime"))
            document.TryAdd(time, null);
        foreach (var text in (string[])[isNew ? "reportingController" : "reportingComponent", "reportingInstance"])
            document.TryAdd(text, "");
    }

    // What is validated is the stored form.
    public override IEnumerable<FieldError> Validate(JsonObject document, JsonObject? before)
    {
        if (!isNew)
            yield break;
        if (document["eventTime"] is null)
            yield return FieldError.Required("eventTime", "");
        var type = document.Text("type") ?? "";
        if (type is not ("Normal" or "Warning"))
            yield return FieldError.Invalid("type", "\"\"", $"has invalid value: {type}");
        if (document.Text("message")?.Length > NoteLimit)
            yield return FieldError.Invalid("message", "\"\"", $"can have at most {NoteLimit} characters");
        if (before is null)
            yield break;
        foreach (var name in (string[])["involvedObject", "reason", "message", "type", "eventTime", "action", "reportingComponent", "reportingInstance"])
        {
            if (!document[name].SameAs(before[name]))
                yield return FieldError.InvalidValue(name, document[name], "field is immutable");
        }
    }
}
