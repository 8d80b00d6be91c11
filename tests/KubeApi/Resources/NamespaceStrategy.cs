using System.Text.Json.Nodes;
using k8s.Models;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Resources;

/// <summary>Namespaces: they end in two steps, and only when their own finalizer is gone.</summary>
internal sealed class NamespaceStrategy() : BuiltinStrategy(typeof(V1Namespace))
{
    public override bool ShowsGracePeriod => false;

    public override void PrepareForCreate(JsonObject document)
    {
        document.Child("spec")["finalizers"] = new JsonArray("kubernetes");
        document["status"] = new JsonObject { ["phase"] = "Active" };
    }

    public override void PrepareForUpdate(JsonObject document, JsonObject before) => document.Assign("spec", before["spec"]);

    public override void Default(JsonObject document)
    {
        if (document.Metadata().Text("name") is { Length: > 0 } name)
            document.Metadata().Child("labels")["kubernetes.io/metadata.name"] = name;
    }

    public override IEnumerable<FieldError> ValidateName(string name) => ObjectNames.Label("metadata.name", name);

    public override bool HoldsDeletion(JsonObject document) => document.Object("spec").Array("finalizers") is { Count: > 0 };

    public override void MarkDeleted(JsonObject document) => document.Child("status")["phase"] = "Terminating";
}
