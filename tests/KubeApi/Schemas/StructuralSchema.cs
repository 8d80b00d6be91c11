using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApi.Json;

namespace KubeApi.Schemas;

/// <summary>A node of a CRD's openAPIV3Schema, parsed once.</summary>
public sealed class StructuralSchema
{
    private StructuralSchema(JsonObject json)
    {
        Type = json.Text("type") ?? "";
        Format = json.Text("format") ?? "";
        Nullable = json.Flag("nullable") ?? false;
        Default = json["default"]?.DeepClone();
        Required = Texts(json.Array("required"));
        Enum = (json.Array("enum") ?? []).Select(value => value?.DeepClone()).ToList();
        Minimum = json["minimum"].AsNumber();
        Maximum = json["maximum"].AsNumber();
        ExclusiveMinimum = json.Flag("exclusiveMinimum") ?? false;
        ExclusiveMaximum = json.Flag("exclusiveMaximum") ?? false;
        MultipleOf = json["multipleOf"].AsNumber();
        MinLength = json.Integer("minLength");
        MaxLength = json.Integer("maxLength");
        MinItems = json.Integer("minItems");
        MaxItems = json.Integer("maxItems");
        MinProperties = json.Integer("minProperties");
        MaxProperties = json.Integer("maxProperties");
        PatternText = json.Text("pattern");
        Pattern = PatternText is null ? null : new Regex(Re2.Translate(PatternText), RegexOptions.CultureInvariant);
        IntOrString = json.Flag("x-kubernetes-int-or-string") ?? false;
        PreservesUnknown = json.Flag("x-kubernetes-preserve-unknown-fields") ?? false;
        EmbeddedResource = json.Flag("x-kubernetes-embedded-resource") ?? false;
        ListType = json.Text("x-kubernetes-list-type") ?? "";
        ListMapKeys = Texts(json.Array("x-kubernetes-list-map-keys"));
        MapType = json.Text("x-kubernetes-map-type") ?? "";
        Rules = (json.Array("x-kubernetes-validations") ?? []).OfType<JsonObject>().Select(CelRule.Read).ToList();
        Items = json.Object("items") is { } items ? new StructuralSchema(items) : null;
        AdditionalProperties = json.Object("additionalProperties") is { } values ? new StructuralSchema(values) : null;
        OpenMap = json.Flag("additionalProperties") ?? false;
        foreach (var (name, property) in json.Object("properties") ?? [])
            Properties[name] = new StructuralSchema((JsonObject)property!);
    }

    public string Type { get; }

    public string Format { get; }

    public bool Nullable { get; }

    public JsonNode? Default { get; }

    public IReadOnlyList<string> Required { get; }

    public IReadOnlyList<JsonNode?> Enum { get; }

    public double? Minimum { get; }

    public double? Maximum { get; }

    public bool ExclusiveMinimum { get; }

    public bool ExclusiveMaximum { get; }

    public double? MultipleOf { get; }

    public long? MinLength { get; }

    public long? MaxLength { get; }

    public long? MinItems { get; }

    public long? MaxItems { get; }

    public long? MinProperties { get; }

    public long? MaxProperties { get; }

    public string? PatternText { get; }

    public Regex? Pattern { get; }

    public bool IntOrString { get; }

    public bool PreservesUnknown { get; }

    public bool EmbeddedResource { get; }

    public string ListType { get; }

    public IReadOnlyList<string> ListMapKeys { get; }

    public string MapType { get; }

    public IReadOnlyList<CelRule> Rules { get; }

    public StructuralSchema? Items { get; }

    public StructuralSchema? AdditionalProperties { get; }

    /// <summary>additionalProperties: true.</summary>
    public bool OpenMap { get; }

    public Dictionary<string, StructuralSchema> Properties { get; } = new(StringComparer.Ordinal);

    public static StructuralSchema Parse(JsonObject json) => new(json);

    private static List<string> Texts(JsonArray? list) => (list ?? []).Select(item => item!.ToString()).ToList();
}
