using System.Text.Json.Nodes;
using KubeApi.Resources;

namespace KubeApi.Errors;

/// <summary>The refusals a server gives, each with the wording, reason and details recorded from a real one.</summary>
public static class Refusals
{
    public static ApiException NotFound(ResourceType type, string name) =>
        new(404, "NotFound", $"{type.QualifiedPlural} {FieldError.Quote(name)} not found", Details(type, name));

    public static ApiException AlreadyExists(ResourceType type, string name) =>
        new(409, "AlreadyExists", $"{type.QualifiedPlural} {FieldError.Quote(name)} already exists", Details(type, name));

    public static ApiException BeingDeleted(ResourceType type, string name) =>
        new(409, "AlreadyExists", $"object is being deleted: {type.QualifiedPlural} {FieldError.Quote(name)} already exists", Details(type, name));

    public static ApiException NoUniqueName(ResourceType type, string name)
    {
        var details = Details(type, name);
        details["retryAfterSeconds"] = 1;
        return new(409, "AlreadyExists", $"{type.QualifiedPlural} {FieldError.Quote(name)} already exists, the server was not able to generate a unique name for the object", details, 1);
    }

    public static ApiException Modified(ResourceType type, string name) =>
        Conflict(type, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException Conflict(ResourceType type, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {type.QualifiedPlural} {FieldError.Quote(name)}: {why}", Details(type, name));

    /// <summary>A failed precondition of a deletion names the kind, not the resource.</summary>
    public static ApiException DeletePrecondition(ResourceType type, string name, string why)
    {
        var details = Details(type, name);
        details["kind"] = type.Kind;
        return new(409, "Conflict", $"Operation cannot be fulfilled on {type.QualifiedKind} {FieldError.Quote(name)}: {why}", details);
    }

    public static ApiException Invalid(ResourceType type, string name, params IReadOnlyList<FieldError> errors) =>
        Invalid(type.ErrorGroup, type.Kind, name, errors);

    public static ApiException Invalid(string group, string kind, string name, params IReadOnlyList<FieldError> errors)
    {
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        var texts = errors.Select(error => error.ToString()).Distinct().ToList();
        var list = texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        var details = Details(group, kind, name);
        details["causes"] = new JsonArray([.. errors.Select(error => (JsonNode)new JsonObject
        {
            ["reason"] = error.Reason,
            ["message"] = error.Message,
            ["field"] = error.Field,
        })]);
        return new(422, "Invalid", $"{qualified} {FieldError.Quote(name)} is invalid: {list}", details);
    }

    public static ApiException InvalidOptions(string kind, params IReadOnlyList<FieldError> errors) =>
        Invalid("meta.k8s.io", kind, "", errors);

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException Internal(string message) => new(500, null, message);

    public static ApiException Forbidden(ResourceType type, string name, string why, JsonObject? details = null) =>
        new(403, "Forbidden", $"{type.QualifiedPlural} {FieldError.Quote(name)} is forbidden: {why}", details ?? Details(type, name));

    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    /// <summary>The server serves nothing under this path.</summary>
    public static ApiException NoSuchResource() => new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiException Expired(string message) => new(410, "Expired", message);

    public static ApiException TooLarge(long requested, long current)
    {
        var details = new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        };
        return new(504, "Timeout", $"Timeout: Too large resource version: {requested}, current: {current}", details, 1);
    }

    public static JsonObject Details(ResourceType type, string name) => Details(type.Group, type.Plural, name);

    public static JsonObject Details(string group, string kind, string name)
    {
        var details = new JsonObject();
        if (name.Length > 0)
            details["name"] = name;
        if (group.Length > 0)
            details["group"] = group;
        details["kind"] = kind;
        return details;
    }
}
