using KubeApi.Errors;

namespace KubeApi.Writes;

/// <summary>Writes go to an object or its status; anything else below an object has its own handler or is not found.</summary>
internal static class SubresourceRules
{
    public static void Check(RequestContext context)
    {
        if (context.Target.Subresource.Length == 0 || context.IsStatus && context.Type.HasStatus)
            return;
        throw context.Type.IsCustom
            ? Refusals.NotFound(context.Type, context.Target.Name)
            : new ApiException(404, "NotFound", "the server could not find the requested resource", []);
    }
}
