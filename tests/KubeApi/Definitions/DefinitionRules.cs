using System.Text.Json.Nodes;
using KubeApi.Cel;
using KubeApi.Errors;
using KubeApi.Json;
using KubeApi.Schemas;

namespace KubeApi.Definitions;

/// <summary>What a CustomResourceDefinition must fulfil: its name, a structural schema, rules that compile.</summary>
internal static class DefinitionRules
{
    private const string Root = "spec.validation.openAPIV3Schema";
    private const string Advice = "exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";

    public static List<FieldError> Validate(JsonObject document)
    {
        var errors = new List<FieldError>();
        var spec = document.Child("spec");
        var name = document.Metadata().Text("name") ?? "";
        if (name != $"{spec.Child("names").Text("plural")}.{spec.Text("group")}")
            errors.Add(FieldError.Invalid("metadata.name", FieldError.Quote(name), "must be spec.names.plural+\".\"+spec.group"));
        foreach (var version in (spec.Array("versions") ?? []).OfType<JsonObject>())
        {
            if (version.Object("schema").Object("openAPIV3Schema") is not { } schema)
                continue;
            Structure(schema, Root, errors);
            if (errors.Count == 0)
                Rules(StructuralSchema.Parse(schema), Root, true, errors);
        }

        if (errors.Any(error => error.Message.Contains("messageExpression cost", StringComparison.Ordinal)))
            errors.Add(FieldError.Forbidden(Root, $"x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema {Advice}"));
        return errors;
    }

    private static void Structure(JsonObject schema, string path, List<FieldError> errors)
    {
        foreach (var (name, child) in schema.Object("properties") ?? [])
            Typed((JsonObject)child!, $"{path}.properties[{name}]", "must not be empty for specified object fields", errors);
        if (schema.Object("items") is { } items)
            Typed(items, $"{path}.items", "must not be empty for specified array items", errors);
        if (schema.Object("additionalProperties") is { } values)
            Typed(values, $"{path}.additionalProperties", "must not be empty for specified object fields", errors);
    }

    private static void Typed(JsonObject schema, string path, string complaint, List<FieldError> errors)
    {
        var isOpen = schema.Flag("x-kubernetes-int-or-string") == true || schema.Flag("x-kubernetes-preserve-unknown-fields") == true;
        if (schema.Text("type") is null or "" && !isOpen)
            errors.Add(FieldError.Required($"{path}.type", complaint));
        Structure(schema, path, errors);
    }

    private static void Rules(StructuralSchema schema, string path, bool isRoot, List<FieldError> errors)
    {
        for (var index = 0; index < schema.Rules.Count; index++)
            Rule(schema, schema.Rules[index], $"{path}.x-kubernetes-validations[{index}]", isRoot, errors);
        foreach (var (name, property) in schema.Properties)
            Rules(property, $"{path}.properties[{name}]", false, errors);
        if (schema.Items is { } items)
            Rules(items, $"{path}.items", false, errors);
        if (schema.AdditionalProperties is { } values)
            Rules(values, $"{path}.additionalProperties", false, errors);
    }

    private static void Rule(StructuralSchema schema, CelRule rule, string path, bool isRoot, List<FieldError> errors)
    {
        if (Complaint(rule.Rule, schema, isRoot) is { } complaint)
            errors.Add(FieldError.Invalid($"{path}.rule", Show(rule), complaint));
        if (rule.MessageExpression is not { } expression)
            return;
        if (Complaint(expression, schema, isRoot) is { } other)
            errors.Add(FieldError.Invalid($"{path}.messageExpression", Show(rule), other));
        else if (CelCost.IsUnbounded(CelProgram.Of(expression).Root, schema))
        {
            errors.Add(FieldError.Forbidden($"{path}.messageExpression", $"estimated messageExpression cost {Advice}"));
            errors.Add(FieldError.Forbidden($"{path}.messageExpression", "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"));
        }
    }

    private static string? Complaint(string expression, StructuralSchema schema, bool isRoot)
    {
        try
        {
            CelTypeCheck.Check(CelProgram.Of(expression).Root, schema, isRoot);
            return null;
        }
        catch (CelException error)
        {
            return $"compilation failed: ERROR: <input>:1:{error.Position + 1}: {error.Message}\n | {expression}\n | {new string('.', error.Position)}^";
        }
    }

    private static string Show(CelRule rule) => FieldError.Show(new JsonObject
    {
        ["Rule"] = rule.Rule,
        ["Message"] = rule.Message ?? "",
        ["MessageExpression"] = rule.MessageExpression ?? "",
        ["Reason"] = rule.Reason == "FieldValueInvalid" ? null : rule.Reason,
        ["FieldPath"] = rule.FieldPath,
        ["OptionalOldSelf"] = null,
    }).Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal).Replace("&", "\\u0026", StringComparison.Ordinal);
}
