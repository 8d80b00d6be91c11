using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Patches;
using KubeApi.Reads;
using KubeApi.Storage;

namespace KubeApi.Writes;

/// <summary>PATCH in its four forms.</summary>
internal static class Patching
{
    private const int Attempts = 5;
    private const string Merge = "application/merge-patch+json";
    private const string Operations = "application/json-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";
    private const string Apply = "application/apply-patch+yaml";

    public static ApiResponse Patch(RequestContext context)
    {
        WriteOptions.Check(context, "PatchOptions");
        var form = context.Request.Header("Content-Type").Split(';')[0].Trim();
        if (context.Target.Name.Length == 0)
            throw context.Type.IsCustom ? Refusals.BadRequest("name must be provided") : Refusals.MethodNotAllowed();
        if (form is not (Merge or Operations or Apply) && !(form == Strategic && !context.Type.IsCustom))
        {
            throw context.Type.IsCustom
                ? BodyReader.UnsupportedMediaType($"{Operations}, {Merge}, {Apply}")
                : new ApiException(415, "UnsupportedMediaType", "415: Unsupported Media Type", []);
        }

        if (form == Apply)
            return Applying.Apply(context);
        if (context.Query("force").Length > 0)
            throw Refusals.InvalidOptions("PatchOptions", FieldError.Forbidden("force", "may not be specified for non-apply patch"));
        SubresourceRules.Check(context);
        return Presentation.One(context, Retry(context, form));
    }

    private static StoredObject Retry(RequestContext context, string form)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = context.Stored();
            var before = current.Document();
            var desired = Patched(context, form, context.Type.Shown(before));
            Replacement.NamesMatch(context, desired);
            FieldValidation.Decode(context, desired, []);
            try
            {
                return Saving.Save(context, current, before, context.Type.Stored(desired), true);
            }
            catch (ApiException refusal) when (refusal.Code == 409 && attempt < Attempts && IsStale(context, current, desired))
            {
                // Another write came between reading and writing: patch the newer state.
                context.Warnings.Clear();
            }
        }
    }

    private static bool IsStale(RequestContext context, StoredObject current, JsonObject desired) =>
        Replacement.Version(desired) == current.ResourceVersion
        && context.Server.Store.Get(context.Type.StoredIn, current.Key)?.ResourceVersion != current.ResourceVersion;

    private static JsonObject Patched(RequestContext context, string form, JsonObject before)
    {
        var patch = ReadPatch(context);
        var target = before.Copy();
        return form switch
        {
            Operations => JsonPatch.Apply(target, patch as JsonArray ?? throw NotDecoded("object", "[]jsonpatch.Operation")),
            Merge => MergePatch.Apply(target, patch as JsonObject ?? throw NotDecoded("array", "map[string]interface {}")),
            _ => StrategicMergePatch.Apply(target, patch as JsonObject ?? throw NotDecoded("array", "map[string]interface {}"), context.Type.Strategy.Fields),
        };
    }

    private static JsonNode? ReadPatch(RequestContext context)
    {
        try
        {
            return DocumentReader.ReadNode(context.Request.Body.Span);
        }
        catch (JsonException error)
        {
            throw Refusals.BadRequest($"error decoding patch: {error.Message}");
        }
    }

    private static ApiException NotDecoded(string what, string into) =>
        Refusals.BadRequest($"error decoding patch: json: cannot unmarshal {what} into Go value of type {into}");
}
