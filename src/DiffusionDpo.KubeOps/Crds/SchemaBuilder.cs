using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.KubeOps.Crds;

/// <summary>
/// Builds the structural OpenAPI schema of a type. Every string, list and map gets a bound, its own or a generous one, because the API
/// server multiplies bounds when it estimates what a CEL rule may cost.
/// </summary>
internal sealed class SchemaBuilder(XmlDocumentation documentation)
{
    private const int UnstatedLength = 4096;
    private const int UnstatedCount = 64;
    private const string QuantityPattern =
        @"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

    /// <summary>The schema of a whole object; its metadata is the API server's own affair.</summary>
    public JsonObject Root(Type entity)
    {
        var properties = new JsonObject
        {
            ["apiVersion"] = new JsonObject { ["type"] = "string" },
            ["kind"] = new JsonObject { ["type"] = "string" },
            ["metadata"] = new JsonObject { ["type"] = "object" },
        };
        foreach (var name in (string[])[nameof(ISpec<object>.Spec), nameof(IStatus<object>.Status)])
        {
            if (entity.GetProperty(name)?.PropertyType is not { } part) continue;
            properties[JsonNamingPolicy.CamelCase.ConvertName(name)] = Record(part, documentation.Of(part));
        }

        var root = Described(new JsonObject { ["type"] = "object" }, documentation.Of(entity));
        root["properties"] = properties;
        root["required"] = new JsonArray("spec");
        AddRules(root, entity);
        return root;
    }

    private JsonObject Record(Type type, string? description)
    {
        var schema = Described(new JsonObject { ["type"] = "object" }, description);
        var members = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(IsInSchema).ToList();
        var properties = new JsonObject();
        var initial = Activator.CreateInstance(type)!;
        foreach (var member in members) properties[KeyOf(member)] = Member(member, initial);
        schema["properties"] = properties;
        var required = members.Where(IsRequired).Select(m => (JsonNode)KeyOf(m)).ToArray();
        if (required.Length > 0) schema["required"] = new JsonArray(required);
        if (type.IsDefined(typeof(PreserveUnknownFieldsAttribute))) schema["x-kubernetes-preserve-unknown-fields"] = true;
        AddRules(schema, type);
        return schema;
    }

    private JsonObject Member(PropertyInfo property, object initial)
    {
        var schema = Value(property.PropertyType, property, DescriptionOf(property));
        if (IsRequired(property) || InitialValue(property, initial) is not { } value) return WithRules(schema, property);
        schema["default"] = value;
        return WithRules(schema, property);
    }

    private JsonObject Value(Type type, PropertyInfo property, string? description)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return Text(property, description);
        if (type.IsEnum) return Choice(WrittenEnum.Members(type).Select(m => m.Text), description);
        if (type == typeof(bool)) return Described(new JsonObject { ["type"] = "boolean" }, description);
        if (type == typeof(int)) return Number("integer", "int32", property, description);
        if (type == typeof(long)) return Number("integer", "int64", property, description);
        if (type == typeof(double)) return Number("number", "double", property, description);
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset)) return Time(description);
        if (type == typeof(ResourceQuantity)) return Quantity(description);
        if (ArgumentOf(type, typeof(IReadOnlyList<>), typeof(IList<>)) is { } item) return List(item, property, description);
        if (ArgumentOf(type, typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>)) is { } value) return Map(value, property, description);
        return Record(type, description);
    }

    private static JsonObject Choice(IEnumerable<string> values, string? description) =>
        Described(new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. values.Select(v => (JsonNode)v)]) }, description);

    private static JsonObject Time(string? description) =>
        Described(new JsonObject { ["type"] = "string", ["format"] = "date-time" }, description);

    private static JsonObject Text(PropertyInfo property, string? description)
    {
        if (property.GetCustomAttribute<EnumValuesAttribute>() is { } choice) return Choice(choice.Values.Cast<string>(), description);
        var length = property.GetCustomAttribute<LengthAttribute>();
        var schema = Described(new JsonObject { ["type"] = "string" }, description);
        if (length?.MinLength > 0) schema["minLength"] = length.MinLength;
        schema["maxLength"] = length?.MaxLength ?? UnstatedLength;
        if (property.GetCustomAttribute<PatternAttribute>() is { } pattern) schema["pattern"] = pattern.RegexPattern;
        return schema;
    }

    private static JsonObject Number(string type, string format, PropertyInfo property, string? description)
    {
        var schema = Described(new JsonObject { ["type"] = type, ["format"] = format }, description);
        if (property.GetCustomAttribute<RangeMinimumAttribute>() is { } least)
        {
            schema["minimum"] = Bound(least.Minimum);
            if (least.ExclusiveMinimum) schema["exclusiveMinimum"] = true;
        }

        if (property.GetCustomAttribute<RangeMaximumAttribute>() is { } most)
        {
            schema["maximum"] = Bound(most.Maximum);
            if (most.ExclusiveMaximum) schema["exclusiveMaximum"] = true;
        }

        return schema;
    }

    private static JsonObject Quantity(string? description) => Described(
        new JsonObject
        {
            ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
            ["pattern"] = QuantityPattern,
            ["x-kubernetes-int-or-string"] = true,
        },
        description);

    private JsonObject List(Type item, PropertyInfo property, string? description)
    {
        var bounds = property.GetCustomAttribute<ItemsAttribute>();
        var schema = Described(new JsonObject { ["type"] = "array" }, description);
        if (bounds?.MinItems > 0) schema["minItems"] = bounds.MinItems;
        schema["maxItems"] = bounds?.MaxItems ?? UnstatedCount;
        schema["items"] = Value(item, property, null);
        if (property.GetCustomAttribute<XListTypeAttribute>() is { } list)
            schema["x-kubernetes-list-type"] = list.ListType.ToString().ToLowerInvariant();
        if (property.GetCustomAttribute<XListMapKeysAttribute>() is not { } identity) return schema;
        // The items of a map-like list must state their identity.
        schema["x-kubernetes-list-map-keys"] = new JsonArray([.. identity.Keys.Select(k => (JsonNode)k)]);
        schema["items"]!["required"] = new JsonArray([.. identity.Keys.Select(k => (JsonNode)k)]);
        return schema;
    }

    private JsonObject Map(Type value, PropertyInfo property, string? description)
    {
        var schema = Described(new JsonObject { ["type"] = "object" }, description);
        schema["maxProperties"] = property.GetCustomAttribute<PropertyLimitsAttribute>()?.MaxProperties ?? UnstatedCount;
        schema["additionalProperties"] = Value(value, property, null);
        return schema;
    }

    /// <summary>
    /// The default: what a new record of this project holds. Empty lists and maps are no defaults, they would only fill listings; what a new
    /// object of a package holds is .NET's zero and nobody's intention.
    /// </summary>
    private static JsonNode? InitialValue(PropertyInfo property, object initial)
    {
        if (property.GetCustomAttribute<DefaultValueAttribute>() is { } stated)
            return stated.Json ? JsonNode.Parse((string)stated.Value) : JsonSerializer.SerializeToNode(stated.Value);
        if (!XmlDocumentation.IsOfThisProject(initial.GetType().Assembly)) return null;
        if (property.GetValue(initial) is not { } value) return null;
        var node = JsonNode.Parse(KubernetesJson.Serialize(value));
        if (node is JsonArray { Count: 0 }) return null;
        if (node is not JsonObject) return node;
        // The defaults inside fill an empty record.
        return ArgumentOf(property.PropertyType, typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>)) is null ? new JsonObject() : null;
    }

    private string? DescriptionOf(PropertyInfo property)
    {
        var own = property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? documentation.Of(property);
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (!type.IsEnum) return own;
        var members = WrittenEnum.Members(type).Select(m => $"{m.Text}: {documentation.Of(m.Field)}");
        return $"{own} {string.Join(" ", members)}";
    }

    private static JsonObject WithRules(JsonObject schema, MemberInfo member)
    {
        if (member.IsDefined(typeof(PreserveUnknownFieldsAttribute))) schema["x-kubernetes-preserve-unknown-fields"] = true;
        AddRules(schema, member);
        return schema;
    }

    private static void AddRules(JsonObject schema, MemberInfo member)
    {
        var rules = member.GetCustomAttributes<ValidationRuleAttribute>().Select(Rule).ToArray<JsonNode?>();
        if (rules.Length > 0) schema["x-kubernetes-validations"] = new JsonArray(rules);
    }

    private static JsonObject Rule(ValidationRuleAttribute rule)
    {
        var node = new JsonObject { ["rule"] = rule.Rule };
        if (rule.FieldPath is { } path) node["fieldPath"] = path;
        if (rule.Message is { } message) node["message"] = message;
        if (rule.MessageExpression is { } expression) node["messageExpression"] = expression;
        if (rule.Reason is { } reason) node["reason"] = reason;
        return node;
    }

    private static JsonObject Described(JsonObject schema, string? description)
    {
        if (description is not null) schema["description"] = description;
        return schema;
    }

    private static bool IsInSchema(PropertyInfo property) =>
        property.CanWrite && !property.IsDefined(typeof(JsonIgnoreAttribute)) && !property.IsDefined(typeof(IgnoreAttribute));

    private static bool IsRequired(PropertyInfo property) =>
        property.IsDefined(typeof(RequiredAttribute)) || property.IsDefined(typeof(RequiredMemberAttribute));

    private static string KeyOf(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private static JsonValue Bound(double bound) => bound == Math.Truncate(bound) ? JsonValue.Create((long)bound) : JsonValue.Create(bound);

    private static Type? ArgumentOf(Type type, params ReadOnlySpan<Type> definitions) =>
        type.IsGenericType && definitions.Contains(type.GetGenericTypeDefinition()) ? type.GetGenericArguments()[^1] : null;
}
