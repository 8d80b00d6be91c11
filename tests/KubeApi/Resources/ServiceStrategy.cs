using System.Text.Json.Nodes;
using k8s.Models;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Resources;

/// <summary>Services: defaults, and a cluster IP for those that are not headless.</summary>
internal sealed class ServiceStrategy() : BuiltinStrategy(typeof(V1Service))
{
    public override bool ReturnsDeleted => true;

    public override void Default(JsonObject document)
    {
        var spec = document.Child("spec");
        spec["type"] ??= "ClusterIP";
        spec["sessionAffinity"] ??= "None";
        spec["internalTrafficPolicy"] ??= "Cluster";
        foreach (var port in (spec.Array("ports") ?? []).OfType<JsonObject>())
        {
            port["protocol"] ??= "TCP";
            port["targetPort"] ??= port["port"]?.DeepClone();
        }
    }

    public override void PrepareForCreate(JsonObject document)
    {
        var spec = document.Child("spec");
        if (spec.Text("clusterIP") is null or "")
            spec["clusterIP"] = Address(document.Metadata().Text("uid")!);

        spec["clusterIPs"] ??= new JsonArray(spec.Text("clusterIP"));
        spec["ipFamilies"] ??= new JsonArray("IPv4");
        spec["ipFamilyPolicy"] ??= "SingleStack";
        document["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
    }

    public override void PrepareForUpdate(JsonObject document, JsonObject before)
    {
        foreach (var name in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (document.Child("spec")[name] is null)
                document.Child("spec").Assign(name, before.Child("spec")[name]);
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject document, JsonObject? before)
    {
        var address = document.Child("spec")["clusterIP"];
        if (before is not null && !address.SameAs(before.Child("spec")["clusterIP"]))
            yield return FieldError.InvalidValue("spec.clusterIPs[0]", address, "may not change once set");
    }

    /// <summary>An address that is the same whenever the run is repeated.</summary>
    private static string Address(string uid)
    {
        var bytes = Guid.Parse(uid).ToByteArray();
        return $"10.96.{bytes[0]}.{bytes[1] % 254 + 1}";
    }

    public override IEnumerable<FieldError> ValidateName(string name) => ObjectNames.Label("metadata.name", name);
}
