using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Writes;

/// <summary>deletionTimestamp and grace period: set once, shortened perhaps, never prolonged.</summary>
internal static class DeletionMark
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public static void Set(RequestContext context, JsonObject document, long grace)
    {
        var metadata = document.Metadata();
        var at = context.Server.Time.GetUtcNow().AddSeconds(grace);
        if (metadata.Text("deletionTimestamp") is { } set)
        {
            var before = metadata.Integer("deletionGracePeriodSeconds") ?? 0;
            if (before <= grace)
                return;
            at = DateTimeOffset.Parse(set, CultureInfo.InvariantCulture).AddSeconds(grace - before);
        }
        else if (metadata.Integer("generation") is { } generation)
            metadata["generation"] = generation + 1;

        metadata["deletionTimestamp"] = at.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
        if (context.Type.Strategy.ShowsGracePeriod)
            metadata["deletionGracePeriodSeconds"] = grace;
        context.Type.Strategy.MarkDeleted(document);
    }
}
