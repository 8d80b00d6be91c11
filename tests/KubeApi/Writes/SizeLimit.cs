using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Writes;

/// <summary>What the server and the store behind it take.</summary>
internal static class SizeLimit
{
    private const int Request = 3 * 1024 * 1024;
    private const int Stored = 3 * 512 * 1024;

    public static void CheckRequest(int length)
    {
        if (length > Request)
            throw new ApiException(413, "RequestEntityTooLarge", $"Request entity too large: limit is {Request}");
    }

    /// <summary>Only a large request can make a large object, so that small ones are not written twice.</summary>
    public static void Check(RequestContext context, JsonObject document)
    {
        if (context.Request.Body.Length > Stored / 4 && DocumentWriter.Write(document).Length > Stored)
            throw Refusals.Internal("etcdserver: request is too large");
    }
}
