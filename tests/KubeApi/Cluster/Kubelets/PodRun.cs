using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Kubelets;

/// <summary>A pod that is to run, with what scripts decide by.</summary>
public sealed class PodRun(JsonObject document, PodFiles files)
{
    /// <summary>The pod as stored.</summary>
    public JsonObject Document { get; } = document;

    /// <summary>ConfigMaps and Secrets of its namespace.</summary>
    public PodFiles Files { get; } = files;

    public ObjectKey Key { get; } = new(document.Metadata().Text("namespace") ?? "", document.Metadata().Text("name") ?? "");

    public string Uid { get; } = document.Metadata().Text("uid") ?? "";

    public string Node => Document.Object("spec").Text("nodeName") ?? "";

    public string Job => Label("batch.kubernetes.io/job-name");

    /// <summary>The completion index, which is the rank of the worker; -1 for pods without one.</summary>
    public int Index => int.TryParse(Label("batch.kubernetes.io/job-completion-index"), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;

    public JsonObject Container => Document.Object("spec").Array("containers")?[0] as JsonObject ?? [];

    public string Image => Container.Text("image") ?? "";

    public string Label(string name) => Document.Metadata().Object("labels").Text(name) ?? "";

    public string Annotation(string name) => Document.Metadata().Object("annotations").Text(name) ?? "";
}
