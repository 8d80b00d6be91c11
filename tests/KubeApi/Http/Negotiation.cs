using KubeApi.Errors;

namespace KubeApi.Http;

/// <summary>In which form an answer is wanted.</summary>
public enum Representation
{
    Json,
    Yaml,
    Table,
    PartialMetadata,
}

/// <summary>Reads the Accept header: the first form that the server has.</summary>
internal static class Negotiation
{
    private const string Media = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

    public static Representation Choose(RequestContext context)
    {
        var accept = context.Request.Header("Accept");
        if (accept.Length == 0)
            return Representation.Json;
        foreach (var wanted in accept.Split(','))
        {
            var parts = wanted.Split(';').Select(part => part.Trim()).ToList();
            switch (parts[0])
            {
                case "application/json" or "*/*" or "application/*":
                    return AsParameter(parts) switch
                    {
                        "Table" => Representation.Table,
                        "PartialObjectMetadata" or "PartialObjectMetadataList" => Representation.PartialMetadata,
                        _ => Representation.Json,
                    };
                case "application/yaml":
                    return Representation.Yaml;
            }
        }

        throw context.Type.IsCustom
            ? new ApiException(406, "NotAcceptable", $"only the following media types are accepted: {Media}")
            : new ApiException(406, "NotAcceptable", $"406: Not Acceptable\n\nAvailable representations: {Media}, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch", []);
    }

    private static string AsParameter(List<string> parts) =>
        parts.Find(part => part.StartsWith("as=", StringComparison.Ordinal))?["as=".Length..] ?? "";
}
