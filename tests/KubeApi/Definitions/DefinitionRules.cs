using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Definitions;

/// <summary>What a CustomResourceDefinition must fulfil.</summary>
internal static class DefinitionRules
{
    public static IEnumerable<FieldError> Validate(JsonObject document)
    {
        var spec = document.Child("spec");
        var name = document.Metadata().Text("name") ?? "";
        if (name != $"{spec.Child("names").Text("plural")}.{spec.Text("group")}")
            yield return FieldError.Invalid("metadata.name", FieldError.Quote(name), "must be spec.names.plural+\".\"+spec.group");
    }
}
