using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Http;
using KubeApi.Json;

namespace KubeApi.Authorization;

/// <summary>POST serviceaccounts/NAME/token: a bearer token that looks like a JWT and is known to this server alone.</summary>
internal static class TokenRequest
{
    private const long Shortest = 600;
    private const string Audience = "https://kubernetes.default.svc.cluster.local";

    public static ApiResponse Create(RequestContext context)
    {
        var account = context.Stored();
        var spec = DocumentReader.Read(context.Request.Body.Span).Object("spec");
        var seconds = spec.Integer("expirationSeconds") ?? 3600;
        if (seconds < Shortest)
            throw Refusals.Invalid("authentication.k8s.io", "TokenRequest", "", FieldError.Invalid("spec.expirationSeconds", $"{seconds}", "may not specify a duration less than 10 minutes"));
        var id = context.Server.Names.Uid();
        var token = Token(account.Key.Namespace, account.Key.Name, id);
        context.Server.Authenticator.Accept(token, new Identity(
            $"system:serviceaccount:{account.Key.Namespace}:{account.Key.Name}",
            ["system:serviceaccounts", $"system:serviceaccounts:{account.Key.Namespace}", "system:authenticated"])
        {
            Uid = account.Uid,
            CredentialId = $"JTI={id}",
        });
        var expires = context.Server.Time.GetUtcNow().AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return ApiResponse.Json(201, new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = account.Key.Name,
                ["namespace"] = account.Key.Namespace,
                ["uid"] = account.Uid,
                ["creationTimestamp"] = account.Document().Metadata()["creationTimestamp"]?.DeepClone(),
            },
            ["spec"] = new JsonObject
            {
                ["audiences"] = spec.Array("audiences")?.DeepClone() ?? new JsonArray(Audience),
                ["expirationSeconds"] = seconds,
                ["boundObjectRef"] = spec?["boundObjectRef"]?.DeepClone(),
            },
            ["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = expires },
        });
    }

    private static string Token(string space, string name, string id)
    {
        var claims = new JsonObject { ["sub"] = $"system:serviceaccount:{space}:{name}", ["jti"] = id };
        return $"{Encode("{\"alg\":\"none\"}"u8)}.{Encode(DocumentWriter.Write(claims))}.{Encode(SHA256.HashData(Encoding.UTF8.GetBytes(id)))}";
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
