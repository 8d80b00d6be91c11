using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Writes;

/// <summary>Turns the body of a create or update into a document of the expected type.</summary>
internal static class BodyReader
{
    public static JsonObject ReadObject(RequestContext context)
    {
        var duplicates = new List<string>();
        var document = Parse(context, duplicates);
        CheckType(context, document);
        FieldValidation.Decode(context, document, duplicates);
        return document;
    }

    private static JsonObject Parse(RequestContext context, List<string> duplicates)
    {
        var type = context.Request.Header("Content-Type").Split(';')[0].Trim();
        var body = context.Request.Body;
        SizeLimit.CheckRequest(body.Length);
        try
        {
            if (type is "application/yaml")
                return YamlReader.Read(body.Span) as JsonObject ?? throw new JsonException("the document is not an object");
            if (type is not ("application/json" or ""))
                throw UnsupportedMediaType("application/json, application/yaml, application/vnd.kubernetes.protobuf");
            var node = DocumentReader.ReadNode(body.Span, duplicates);
            return node as JsonObject ?? (node is null && !context.Type.IsCustom ? [] : throw new JsonException("the document is not an object"));
        }
        catch (JsonException error)
        {
            throw Refusals.BadRequest($"the object provided is unrecognized (must be of type {context.Type.Kind}): couldn't get version/kind; json parse error: {error.Message} ({Excerpt(body.Span)})");
        }
    }

    public static ApiException UnsupportedMediaType(string accepted) =>
        new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}");

    private static void CheckType(RequestContext context, JsonObject document)
    {
        var kind = document.Text("kind") ?? "";
        var version = document.Text("apiVersion") ?? "";
        if (kind.Length == 0 && context.Type.IsCustom)
        {
            var text = Encoding.UTF8.GetString(context.Request.Body.Span);
            throw Refusals.BadRequest($"the object provided is unrecognized (must be of type {context.Type.Kind}): Object 'Kind' is missing in '{text}' ({Excerpt(context.Request.Body.Span)})");
        }

        if (version != context.Type.ApiVersion && version.Length > 0)
        {
            if (context.Type.IsCustom)
            {
                foreach (var field in document.Select(field => field.Key).Where(field => field is not ("apiVersion" or "kind" or "metadata")).ToList())
                    context.Warnings.Add($"unknown field {FieldError.Quote(field)}");
            }

            throw Refusals.BadRequest($"the API version in the data ({version}) does not match the expected API version ({context.Type.ApiVersion})");
        }

        if (!context.Type.IsCustom)
        {
            if (kind.Length > 0 && kind != context.Type.Kind)
                throw Refusals.BadRequest($"the object provided is unrecognized (must be of type {context.Type.Kind}): no kind \"{kind}\" is registered");
            document["kind"] = context.Type.Kind;
            document["apiVersion"] = context.Type.ApiVersion;
        }
    }

    private static string Excerpt(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body);
        return text.Length <= 30 ? text : $"{text[..30]} ...";
    }
}
