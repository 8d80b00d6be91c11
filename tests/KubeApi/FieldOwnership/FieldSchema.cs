namespace KubeApi.FieldOwnership;

/// <summary>What ownership and merging have to know of a field: which fields there are, and how lists and maps behave.</summary>
public sealed class FieldSchema
{
    private FieldSchema(FieldShape shape) => Shape = shape;

    /// <summary>Nothing is known: objects are merged field by field, lists are replaced whole.</summary>
    public static FieldSchema Deduced { get; } = new(FieldShape.Deduced);

    public static FieldSchema Atomic { get; } = new(FieldShape.Atomic);

    public static FieldSchema Set { get; } = new(FieldShape.Set);

    public FieldShape Shape { get; }

    /// <summary>The type a scalar must have, as error messages name it; null = not checked.</summary>
    public string? ScalarType { get; private init; }

    /// <summary>Fields of a struct.</summary>
    public IReadOnlyDictionary<string, FieldSchema> Fields { get; private init; } = new Dictionary<string, FieldSchema>();

    /// <summary>What a map's values or a list's items are; also what unknown fields of an open struct are.</summary>
    public FieldSchema? Item { get; private init; }

    /// <summary>The keys of a list map, with their defaults.</summary>
    public IReadOnlyList<string> Keys { get; private init; } = [];

    public IReadOnlyDictionary<string, System.Text.Json.Nodes.JsonNode> KeyDefaults { get; private init; } =
        new Dictionary<string, System.Text.Json.Nodes.JsonNode>();

    public static FieldSchema Scalar(string? type) => new(FieldShape.Atomic) { ScalarType = type };

    public static FieldSchema Struct(IReadOnlyDictionary<string, FieldSchema> fields, FieldSchema? others = null) =>
        new(FieldShape.Struct) { Fields = fields, Item = others };

    public static FieldSchema Map(FieldSchema value) => new(FieldShape.Map) { Item = value };

    /// <summary>A list replaced as a whole whose items still have declared fields.</summary>
    public static FieldSchema AtomicList(FieldSchema item) => new(FieldShape.Atomic) { Item = item };

    /// <summary>An object replaced as a whole that still has declared fields.</summary>
    public static FieldSchema AtomicStruct(IReadOnlyDictionary<string, FieldSchema> fields) => new(FieldShape.Atomic) { Fields = fields };

    public static FieldSchema ListMap(
        IReadOnlyList<string> keys, FieldSchema item, IReadOnlyDictionary<string, System.Text.Json.Nodes.JsonNode>? keyDefaults = null) =>
        new(FieldShape.ListMap)
        {
            Keys = [.. keys.Order(StringComparer.Ordinal)],
            Item = item,
            KeyDefaults = keyDefaults ?? new Dictionary<string, System.Text.Json.Nodes.JsonNode>(),
        };

    public FieldSchema? Field(string name) => Shape switch
    {
        FieldShape.Struct => Fields.GetValueOrDefault(name) ?? Item,
        FieldShape.Map => Item,
        FieldShape.Deduced => Deduced,
        _ => null,
    };
}
