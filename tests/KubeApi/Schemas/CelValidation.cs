using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi.Cel;
using KubeApi.Errors;
using KubeApi.FieldOwnership;
using KubeApi.Json;

namespace KubeApi.Schemas;

/// <summary>Evaluates the x-kubernetes-validations of a schema.</summary>
internal static class CelValidation
{
    public static IEnumerable<FieldError> Validate(StructuralSchema schema, JsonNode? value, JsonNode? before, bool isUpdate, string path)
    {
        if (value is null)
            yield break;
        foreach (var rule in schema.Rules)
        {
            if (rule.IsTransition && (!isUpdate || before is null))
                continue;
            if (Check(rule, value, before, path) is { } error)
                yield return error;
        }

        foreach (var error in Below(schema, value, before, isUpdate, path))
            yield return error;
    }

    private static IEnumerable<FieldError> Below(StructuralSchema schema, JsonNode value, JsonNode? before, bool isUpdate, string path)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, child) in map)
                {
                    if ((schema.Properties.GetValueOrDefault(name) ?? schema.AdditionalProperties) is not { } property)
                        continue;
                    foreach (var error in Validate(property, child, (before as JsonObject)?[name], isUpdate, path.Length == 0 ? name : $"{path}.{name}"))
                        yield return error;
                }

                break;
            case JsonArray list when schema.Items is { } items:
                for (var index = 0; index < list.Count; index++)
                {
                    foreach (var error in Validate(items, list[index], Correlated(schema, list[index], before as JsonArray), isUpdate, $"{path}[{index}]"))
                        yield return error;
                }

                break;
        }
    }

    // Only items of list maps have an old self: the item of the same keys.
    private static JsonNode? Correlated(StructuralSchema schema, JsonNode? item, JsonArray? before)
    {
        if (schema.ListType != "map" || before is null)
            return null;
        var keys = FieldSchema.ListMap(schema.ListMapKeys, FieldSchema.Atomic);
        var wanted = ListItems.Element(keys, item);
        return ListItems.Of(keys, before).FirstOrDefault(other => other.Element == wanted).Item;
    }

    private static FieldError? Check(CelRule rule, JsonNode value, JsonNode? before, string path)
    {
        object? self = CelValues.Of(value), oldSelf = CelValues.Of(before);
        try
        {
            if (CelEvaluation.Truth(CelProgram.Of(rule.Rule).Evaluate(self, oldSelf)))
                return null;
        }
        catch (CelException error)
        {
            return FieldError.Invalid(path, Shown(value) ?? "\"object\"", $"{error.Message} evaluating rule: {rule.Rule}");
        }

        var field = path + rule.FieldPath;
        var message = Message(rule, self, oldSelf);
        return rule.Reason switch
        {
            "FieldValueForbidden" => FieldError.Forbidden(field, message),
            "FieldValueRequired" => FieldError.Required(field, message),
            "FieldValueDuplicate" => FieldError.Duplicate(field, Shown(value) ?? message),
            _ => Shown(value) is { } shown ? FieldError.Invalid(field, shown, message) : new FieldError("FieldValueInvalid", field, $"Invalid value: {message}"),
        };
    }

    private static string Message(CelRule rule, object? self, object? oldSelf)
    {
        try
        {
            if (rule.MessageExpression is { } expression && CelProgram.Of(expression).Evaluate(self, oldSelf) is string { Length: > 0 } text)
                return text;
        }
        catch (CelException)
        {
            // A message that cannot be made falls back to the fixed one.
        }

        return rule.Message ?? $"failed rule: {rule.Rule}";
    }

    /// <summary>Scalars are shown; objects and lists are not.</summary>
    private static string? Shown(JsonNode value) => value.Kind() is JsonValueKind.Object or JsonValueKind.Array ? null : FieldError.Show(value);
}
