using System.Text.Json.Nodes;
using KubeApi.Errors;

namespace KubeApi.Schemas;

/// <summary>Evaluates the x-kubernetes-validations of a schema.</summary>
internal static class CelValidation
{
    public static IEnumerable<FieldError> Validate(StructuralSchema schema, JsonObject document, JsonObject? before) => [];
}
