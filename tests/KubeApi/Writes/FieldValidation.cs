using System.Text.Json.Nodes;
using KubeApi.Errors;

namespace KubeApi.Writes;

/// <summary>What happens to unknown and duplicate fields: dropped with a warning, dropped silently, or refused.</summary>
internal static class FieldValidation
{
    public static void Decode(RequestContext context, JsonObject document, IReadOnlyList<string> duplicates)
    {
        var unknown = new List<string>();
        context.Type.Strategy.Decode(document, unknown);
        var complaints = unknown.Select(field => $"unknown field {FieldError.Quote(field)}")
            .Concat(duplicates.Select(field => $"duplicate field {FieldError.Quote(field)}")).ToList();
        Report(context, complaints, document);
        context.Type.Strategy.Default(document);
    }

    private static void Report(RequestContext context, List<string> complaints, JsonObject document)
    {
        switch (context.Query("fieldValidation"))
        {
            case "Ignore":
                break;
            case "Strict" when complaints.Count > 0:
                throw Strict(context, complaints, document);
            default:
                context.Warnings.AddRange(complaints);
                break;
        }
    }

    // On a patch the whole patched object is named as the bad value.
    private static ApiException Strict(RequestContext context, List<string> complaints, JsonObject document) => context.Request.Method == "PATCH"
        ? Refusals.Invalid(context.Type, context.Target.Name, FieldError.InvalidValue("patch", document, $"strict decoding error: {string.Join(", ", complaints)}"))
        : Refusals.BadRequest($"{context.Type.Kind} in version \"{context.Type.Version}\" cannot be handled as a {context.Type.Kind}: strict decoding error: {string.Join(", ", complaints)}");
}
