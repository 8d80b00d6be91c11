using System.Text.Json.Nodes;
using KubeApi.FieldOwnership;

namespace KubeApi.Schemas;

/// <summary>The fields of metadata, the same for every kind.</summary>
internal static class MetadataFields
{
    public static FieldSchema Schema { get; } = FieldSchema.Struct(new Dictionary<string, FieldSchema>(StringComparer.Ordinal)
    {
        ["name"] = FieldSchema.Scalar("string"),
        ["generateName"] = FieldSchema.Scalar("string"),
        ["namespace"] = FieldSchema.Scalar("string"),
        ["selfLink"] = FieldSchema.Scalar("string"),
        ["uid"] = FieldSchema.Scalar("string"),
        ["resourceVersion"] = FieldSchema.Scalar("string"),
        ["generation"] = FieldSchema.Scalar("numeric"),
        ["creationTimestamp"] = FieldSchema.Scalar(null),
        ["deletionTimestamp"] = FieldSchema.Scalar(null),
        ["deletionGracePeriodSeconds"] = FieldSchema.Scalar("numeric"),
        ["labels"] = FieldSchema.Map(FieldSchema.Scalar("string")),
        ["annotations"] = FieldSchema.Map(FieldSchema.Scalar("string")),
        ["finalizers"] = FieldSchema.Set,
        ["ownerReferences"] = FieldSchema.ListMap(["uid"], FieldSchema.Atomic),
        ["managedFields"] = FieldSchema.Atomic,
    });

    /// <summary>Drops unknown fields of metadata and names them.</summary>
    public static void Prune(JsonObject document, ICollection<string> unknown)
    {
        if (document["metadata"] is not JsonObject metadata)
            return;
        foreach (var name in metadata.Select(field => field.Key).Where(name => !Schema.Fields.ContainsKey(name)).ToList())
        {
            metadata.Remove(name);
            unknown.Add($"metadata.{name}");
        }
    }
}
