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

    private static readonly FieldSchema Holder = FieldSchema.Struct(new Dictionary<string, FieldSchema>(StringComparer.Ordinal) { ["metadata"] = Schema });

    /// <summary>Decodes the metadata of a custom resource as strictly as that of a builtin one.</summary>
    public static void Decode(string kind, JsonObject document, ICollection<string> unknown)
    {
        if (document["metadata"] is null)
            return;
        var only = new JsonObject { ["metadata"] = document["metadata"]!.DeepClone() };
        ModelDecoding.Decode(kind, Holder, only, unknown);
        document["metadata"] = only["metadata"]!.DeepClone();
    }
}
