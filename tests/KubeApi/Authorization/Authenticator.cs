using System.Collections.Concurrent;
using KubeApi.Errors;
using KubeApi.Http;

namespace KubeApi.Authorization;

/// <summary>Knows the tokens: the administrator's and those that were requested for service accounts.</summary>
public sealed class Authenticator(string? adminToken)
{
    private readonly ConcurrentDictionary<string, Identity> _tokens = new(StringComparer.Ordinal);

    public Identity Authenticate(ApiRequest request)
    {
        var header = request.Header("Authorization");
        if (header.Length == 0)
            return adminToken is null ? Identity.Administrator : Identity.Anonymous;
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..] : "";
        if (adminToken is not null && token == adminToken)
            return Identity.Administrator;
        return _tokens.GetValueOrDefault(token) ?? throw new ApiException(401, "Unauthorized", "Unauthorized");
    }

    public void Accept(string token, Identity identity) => _tokens[token] = identity;
}
