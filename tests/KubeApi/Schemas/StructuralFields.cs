using KubeApi.FieldOwnership;

namespace KubeApi.Schemas;

/// <summary>How the fields of a custom resource are owned, from its schema.</summary>
internal static class StructuralFields
{
    public static FieldSchema OfResource(StructuralSchema root)
    {
        var fields = root.Properties.ToDictionary(property => property.Key, property => Of(property.Value), StringComparer.Ordinal);
        fields["apiVersion"] = FieldSchema.Scalar("string");
        fields["kind"] = FieldSchema.Scalar("string");
        fields["metadata"] = MetadataFields.Schema;
        return FieldSchema.Struct(fields, root.PreservesUnknown ? FieldSchema.Deduced : null);
    }

    private static FieldSchema Of(StructuralSchema schema) => schema.Type switch
    {
        _ when schema.IntOrString => FieldSchema.Scalar(null),
        "object" => OfMap(schema),
        "array" => OfList(schema),
        "string" => FieldSchema.Scalar("string"),
        "boolean" => FieldSchema.Scalar("boolean"),
        "integer" or "number" => FieldSchema.Scalar("numeric"),
        _ => FieldSchema.Deduced,
    };

    private static FieldSchema OfMap(StructuralSchema schema)
    {
        if (schema.MapType == "atomic")
            return FieldSchema.Atomic;
        if (schema.AdditionalProperties is { } values)
            return FieldSchema.Map(Of(values));
        var fields = schema.Properties.ToDictionary(property => property.Key, property => Of(property.Value), StringComparer.Ordinal);
        return FieldSchema.Struct(fields, schema.PreservesUnknown || schema.OpenMap ? FieldSchema.Deduced : null);
    }

    private static FieldSchema OfList(StructuralSchema schema) => schema.ListType switch
    {
        "set" => FieldSchema.Set,
        "map" => FieldSchema.ListMap(schema.ListMapKeys, Of(schema.Items!), schema.ListMapKeys
            .Where(key => schema.Items!.Properties.GetValueOrDefault(key)?.Default is not null)
            .ToDictionary(key => key, key => schema.Items!.Properties[key].Default!, StringComparer.Ordinal)),
        _ => FieldSchema.Atomic,
    };
}
