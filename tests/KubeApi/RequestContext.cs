using KubeApi.Authorization;
using KubeApi.Errors;
using KubeApi.FieldOwnership;
using KubeApi.Http;
using KubeApi.Resources;
using KubeApi.Storage;

namespace KubeApi;

/// <summary>One request to a resource on its way through the server.</summary>
public sealed class RequestContext(ApiServer server, ApiRequest request, RequestTarget target, ResourceType type)
{
    public ApiServer Server { get; } = server;

    public ApiRequest Request { get; } = request;

    public RequestTarget Target { get; } = target;

    public ResourceType Type { get; } = type;

    /// <summary>Who asks; the administrator unless authorisation is in use.</summary>
    public Identity User { get; init; } = Identity.Administrator;

    public List<string> Warnings { get; } = [];

    /// <summary>What is asked for, in RBAC's words.</summary>
    public string Verb { get; } = VerbOf(request, target);

    public ObjectKey Key => new(Type.Namespaced ? Target.Namespace : "", Target.Name);

    public bool DryRun => Query("dryRun") == "All";

    public string Query(string name) => Request.Query.GetValueOrDefault(name, "");

    public bool IsStatus => Target.Subresource == "status";

    /// <summary>The manager the fields of this write belong to: as named, or the User-Agent up to its slash.</summary>
    public FieldOwner Manager(string operation)
    {
        var name = Query("fieldManager");
        if (name.Length == 0)
            name = Request.Header("User-Agent").Split('/')[0];
        return new FieldOwner(name.Length == 0 ? "unknown" : name, operation, Type.ApiVersion, Target.Subresource);
    }

    public StoredObject Stored() => Server.Store.Get(Type.StoredIn, Key) ?? throw Refusals.NotFound(Type, Target.Name);

    public static string VerbOf(ApiRequest request, RequestTarget target) => request.Method switch
    {
        "GET" when target.Name.Length > 0 => "get",
        "GET" when request.Query.GetValueOrDefault("watch") is "true" or "1" or "" && request.Query.ContainsKey("watch") => "watch",
        "GET" => "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => target.Name.Length > 0 ? "delete" : "deletecollection",
        _ => request.Method.ToLowerInvariant(),
    };
}
