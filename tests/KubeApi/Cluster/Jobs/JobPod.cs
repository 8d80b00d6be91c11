using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Cluster.Jobs;

/// <summary>A pod as its Job sees it.</summary>
internal sealed class JobPod(ObjectId id, JsonObject document)
{
    public const string Tracking = "batch.kubernetes.io/job-tracking";
    public const string IndexKey = "batch.kubernetes.io/job-completion-index";

    public ObjectId Id { get; } = id;

    public JsonObject Document { get; } = document;

    public string Uid { get; } = document.Metadata().Text("uid") ?? "";

    public string Phase { get; } = document.Object("status").Text("phase") ?? "Pending";

    public int? Index { get; } =
        int.TryParse(document.Metadata().Object("annotations").Text(IndexKey), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    public bool Deleting { get; } = document.Metadata()["deletionTimestamp"] is not null;

    public bool Tracked { get; } = (document.Metadata().Array("finalizers") ?? []).Any(item => item?.ToString() == Tracking);

    public bool Ended => Phase is "Succeeded" or "Failed";

    public bool Active => !Ended && !Deleting;

    public bool Terminating => !Ended && Deleting;

    public bool Ready => Active && (Document.Object("status").Array("conditions") ?? []).OfType<JsonObject>()
        .Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True");
}
