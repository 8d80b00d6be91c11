using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApi.Errors;
using KubeApi.Json;
using KubeApi.Resources;

namespace KubeApi.Writes;

/// <summary>What holds for the metadata of objects of every kind.</summary>
internal static partial class MetadataRules
{
    private const string LabelText = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    private const string NameText = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const int AnnotationLimit = 256 * 1024;
    private static readonly string[] ServerOwned = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation", "resourceVersion"];

    public static void PrepareForCreate(RequestContext context, JsonObject document)
    {
        var metadata = document.Metadata();
        foreach (var name in ServerOwned)
            metadata.Remove(name);
        RemoveEmpty(metadata);
        if (context.Type.Namespaced)
            metadata["namespace"] = context.Target.Namespace;
        else
            metadata.Remove("namespace");
        metadata["uid"] = context.Server.Names.Uid();
        metadata["creationTimestamp"] = context.Server.Now;
        if (context.Type.Strategy.CountsGenerations)
            metadata["generation"] = 1;
    }

    public static void PrepareForUpdate(JsonObject document, JsonObject before)
    {
        var metadata = document.Metadata();
        var old = before.Metadata();
        foreach (var name in (string[])["creationTimestamp", "generation", "resourceVersion", "generateName"])
            metadata.Assign(name, old[name]);
        foreach (var name in (string[])["uid", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            // A deletion that has begun can neither be undone nor moved; a client cannot begin one this way (see Changes).
            if (metadata[name] is null || name != "uid" && old["deletionTimestamp"] is not null)
                metadata.Assign(name, old[name]);
        }

        metadata.Remove("selfLink");
        metadata.Assign("namespace", old["namespace"]);
        RemoveEmpty(metadata);
    }

    public static IEnumerable<FieldError> Validate(ResourceType type, JsonObject document, JsonObject? before)
    {
        var metadata = document.Metadata();
        foreach (var error in Names(type, metadata).Concat(Maps(metadata)).Concat(Finalizers(metadata)))
            yield return error;
        if (before is null)
            yield break;

        // The real server runs these checks twice on custom resources, and lists each complaint twice.
        for (var times = type.IsCustom ? 2 : 1; times > 0; times--)
        {
            foreach (var error in Changes(metadata, before.Metadata()))
                yield return error;
        }
    }

    /// <summary>A finalizer should say whose it is.</summary>
    public static void Warn(RequestContext context, JsonObject document)
    {
        foreach (var finalizer in document.Metadata().Array("finalizers") ?? [])
        {
            var name = finalizer!.ToString();
            if (!name.Contains('/', StringComparison.Ordinal) && name is not ("orphan" or "foregroundDeletion" or "kubernetes"))
                context.Warnings.Add($"metadata.finalizers: {FieldError.Quote(name)}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers");
        }
    }

    private static IEnumerable<FieldError> Names(ResourceType type, JsonObject metadata)
    {
        var name = metadata.Text("name") ?? "";
        return name.Length == 0
            ? [FieldError.Required("metadata.name", "name or generateName is required")]
            : type.Strategy.ValidateName(name);
    }

    private static IEnumerable<FieldError> Maps(JsonObject metadata)
    {
        foreach (var (key, value) in metadata.Object("labels") ?? [])
        {
            if (!QualifiedName(key))
                yield return FieldError.Invalid("metadata.labels", FieldError.Quote(key), NameText);
            var text = value?.ToString() ?? "";
            if (!LabelValue().IsMatch(text))
                yield return FieldError.Invalid("metadata.labels", FieldError.Quote(text), LabelText);
        }

        if ((metadata.Object("annotations") ?? []).Sum(annotation => annotation.Key.Length + (annotation.Value?.ToString().Length ?? 0)) > AnnotationLimit)
            yield return FieldError.TooLong("metadata.annotations", AnnotationLimit);
        foreach (var (key, _) in metadata.Object("annotations") ?? [])
        {
            if (!QualifiedName(key))
                yield return FieldError.Invalid("metadata.annotations", FieldError.Quote(key), NameText);
        }
    }

    private static IEnumerable<FieldError> Finalizers(JsonObject metadata)
    {
        foreach (var finalizer in metadata.Array("finalizers") ?? [])
        {
            if (!QualifiedName(finalizer!.ToString()))
                yield return FieldError.Invalid("metadata.finalizers", FieldError.Quote(finalizer.ToString()), NameText);
        }
    }

    private static IEnumerable<FieldError> Changes(JsonObject metadata, JsonObject before)
    {
        foreach (var name in (string[])["uid", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            if (!metadata[name].SameAs(before[name]))
                yield return FieldError.InvalidValue($"metadata.{name}", metadata[name], "field is immutable");
        }

        if (before["deletionTimestamp"] is null)
            yield break;
        var known = (before.Array("finalizers") ?? []).Select(item => item!.ToString()).ToHashSet(StringComparer.Ordinal);
        var added = (metadata.Array("finalizers") ?? []).Select(item => item!.ToString()).Where(item => !known.Contains(item)).ToList();
        if (added.Count > 0)
            yield return FieldError.Forbidden("metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(FieldError.Quote))}}}");
    }

    private static bool QualifiedName(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return NamePart().IsMatch(text[(slash + 1)..]) && text.Length - slash <= 64;
    }

    private static void RemoveEmpty(JsonObject metadata)
    {
        foreach (var name in (string[])["labels", "annotations", "finalizers", "ownerReferences"])
        {
            if (metadata.TryGetPropertyValue(name, out var value) && value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 })
                metadata.Remove(name);
        }
    }

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex NamePart();

    [GeneratedRegex(@"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex LabelValue();
}
