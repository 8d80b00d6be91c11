using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Resources;

/// <summary>Roles and bindings: what a binding refers to cannot change.</summary>
internal sealed class RoleStrategy(Type model) : BuiltinStrategy(model)
{
    public override IEnumerable<FieldError> ValidateName(string name) => ObjectNames.PathSegment("metadata.name", name);

    public override IEnumerable<FieldError> Validate(JsonObject document, JsonObject? before)
    {
        if (before is null || document["roleRef"].SameAs(before["roleRef"]))
            yield break;
        var reference = document.Object("roleRef");
        var shown = $"{{\"APIGroup\":\"{reference.Text("apiGroup")}\",\"Kind\":\"{reference.Text("kind")}\",\"Name\":\"{reference.Text("name")}\"}}";
        yield return FieldError.Invalid("roleRef", shown, "cannot change roleRef");
    }
}
