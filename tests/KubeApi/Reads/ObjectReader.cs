using KubeApi.Errors;
using KubeApi.Http;

namespace KubeApi.Reads;

/// <summary>GET of one object.</summary>
internal static class ObjectReader
{
    public static async Task<ApiResponse> GetAsync(RequestContext context, CancellationToken cancellation)
    {
        var version = ListOptions.ParseVersion(context.Query("resourceVersion"));
        await Freshness.WaitAsync(context.Server, version, cancellation);
        if (context.Target.Subresource is not ("" or "status") || context.IsStatus && !context.Type.HasStatus)
            throw Refusals.NotFound(context.Type, context.Target.Name);
        return Presentation.One(context, context.Stored());
    }
}
