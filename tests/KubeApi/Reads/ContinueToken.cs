using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Reads;

/// <summary>Where the next page begins: a version and the first key that is not before it. Version -1 means "whatever is current".</summary>
internal sealed record ContinueToken(long ResourceVersion, string Start)
{
    public static ContinueToken After(long resourceVersion, ObjectKey last) => new(resourceVersion, $"{last}\0");

    public bool Precedes(ObjectKey key, string scope) => string.CompareOrdinal(scope.Length > 0 ? key.Name : key.ToString(), Start) >= 0;

    public string Encode() => Convert.ToBase64String(DocumentWriter.Write(new JsonObject
    {
        ["v"] = "meta.k8s.io/v1",
        ["rv"] = ResourceVersion,
        ["start"] = Start,
    })).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static ContinueToken Decode(string text)
    {
        try
        {
            var padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
            var json = JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(padded))) as JsonObject;
            return new ContinueToken(json.Integer("rv") ?? 0, json.Text("start") ?? throw new FormatException());
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            throw Refusals.BadRequest($"invalid continue token: continue key is not valid: {error.Message}");
        }
    }
}
