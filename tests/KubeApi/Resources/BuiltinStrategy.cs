using System.Text.Json.Nodes;
using KubeApi.FieldOwnership;
using KubeApi.Schemas;

namespace KubeApi.Resources;

/// <summary>A builtin kind whose fields come from the client library's model.</summary>
internal class BuiltinStrategy(Type model) : ResourceStrategy
{
    private readonly string _kind = model.Name[(model.Name.IndexOf('1', StringComparison.Ordinal) + 1)..];

    public override FieldSchema Fields { get; } = ModelSchema.Of(model);

    public override void Decode(JsonObject document, ICollection<string> unknown) => ModelDecoding.Decode(_kind, Fields, document, unknown);
}
