using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Subresources;

/// <summary>What a scheduler does: gives a pod its node.</summary>
internal static class PodBinding
{
    public static ApiResponse Create(RequestContext context)
    {
        var node = DocumentReader.Read(context.Request.Body.Span).Object("target").Text("name") ?? "";
        while (true)
        {
            var current = context.Stored();
            var pod = current.Document();
            if (pod.Child("spec").Text("nodeName") is { Length: > 0 } bound)
                throw new ApiException(409, "Conflict", $"Operation cannot be fulfilled on pods/binding {FieldError.Quote(context.Target.Name)}: pod {context.Target.Name} is already assigned to node {FieldError.Quote(bound)}", Refusals.Details("", "pods/binding", context.Target.Name));
            pod.Child("spec")["nodeName"] = node;
            var conditions = pod.Child("status").Array("conditions");
            if (conditions is null)
                pod.Child("status")["conditions"] = conditions = [];
            conditions.Add(new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = context.Server.Now });
            if (context.Server.Store.Update(context.Type.StoredIn, current, pod, out _) == WriteResult.Written)
                return Success();
        }
    }

    public static ApiResponse Success() => ApiResponse.Json(201, new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["code"] = 201,
    });
}
