using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;
using KubeApi.Resources;
using KubeApi.Schemas;
using KubeApi.Storage;

namespace KubeApi.Definitions;

/// <summary>CustomResourceDefinitions: what is created here is served right away.</summary>
internal sealed class DefinitionStrategy : ResourceStrategy
{
    public override bool CountsGenerations => true;

    public override bool AllowsUnconditionalUpdate => false;

    public override void PrepareForCreate(JsonObject document)
    {
        var spec = document.Child("spec");
        var names = spec.Child("names");
        names["singular"] ??= names.Text("kind")?.ToLowerInvariant();
        names["listKind"] ??= $"{names.Text("kind")}List";
        spec["conversion"] ??= new JsonObject { ["strategy"] = "None" };
        if (spec.Flag("preserveUnknownFields") == false)
            spec.Remove("preserveUnknownFields");
        document["status"] = new JsonObject
        {
            ["conditions"] = null,
            ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" },
            ["storedVersions"] = new JsonArray((spec.Array("versions") ?? []).OfType<JsonObject>()
                .Where(version => version.Flag("storage") == true).Select(version => (JsonNode?)version.Text("name")).ToArray()),
        };
    }

    public override void PrepareForUpdate(JsonObject document, JsonObject before)
    {
        document.Child("spec")["conversion"] ??= new JsonObject { ["strategy"] = "None" };
        var names = document.Child("spec").Child("names");
        names["singular"] ??= names.Text("kind")?.ToLowerInvariant();
        names["listKind"] ??= $"{names.Text("kind")}List";
    }

    public override IEnumerable<FieldError> Validate(JsonObject document, JsonObject? before) => DefinitionRules.Validate(document);

    public override void Written(ApiServer server, Change change)
    {
        var document = change.After.Document();
        switch (change.Kind)
        {
            case ChangeKind.Deleted:
                Withdraw(server, document);
                break;
            case ChangeKind.Added:
                Serve(server, document);
                Accept(server, change.After);
                break;
            default:
                Serve(server, document);
                break;
        }
    }

    private static void Serve(ApiServer server, JsonObject document)
    {
        var spec = document.Child("spec");
        var names = spec.Child("names");
        foreach (var version in (spec.Array("versions") ?? []).OfType<JsonObject>().Where(version => version.Flag("served") == true))
        {
            var schema = StructuralSchema.Parse(version.Object("schema").Object("openAPIV3Schema") ?? []);
            var hasStatus = version.Object("subresources").Object("status") is not null;
            var kind = names.Text("kind")!;
            server.Resources.Serve(new ResourceType
            {
                Group = spec.Text("group")!,
                Version = version.Text("name")!,
                Kind = kind,
                Plural = names.Text("plural")!,
                Singular = names.Text("singular")!,
                ListKind = names.Text("listKind")!,
                ShortNames = Texts(names, "shortNames"),
                Categories = Texts(names, "categories"),
                Namespaced = spec.Text("scope") == "Namespaced",
                HasStatus = hasStatus,
                Subresources = hasStatus ? [new("status", kind, "get", "patch", "update")] : [],
                IsCustom = true,
                Columns = (version.Array("additionalPrinterColumns") ?? []).OfType<JsonObject>().Select(PrinterColumn.Read).ToList(),
                Strategy = new CustomResourceStrategy(kind, schema),
            });
        }
    }

    /// <summary>The naming controller's two steps: names accepted, then established.</summary>
    private static void Accept(ApiServer server, StoredObject stored)
    {
        var collection = server.Resources.Get("apiextensions.k8s.io", "customresourcedefinitions").StoredIn;
        foreach (var (status, reason) in (ReadOnlySpan<(string, string)>)[("False", "Installing"), ("True", "InitialNamesAccepted")])
        {
            var document = stored.Document();
            var of = document.Child("status");
            of["conditions"] = new JsonArray(
                Condition("NamesAccepted", "True", "NoConflicts", "no conflicts found", server.Now),
                Condition("Established", status, reason, "the initial names have been accepted", server.Now));
            of["acceptedNames"] = document.Child("spec").Child("names").DeepClone();
            if (server.Store.Update(collection, stored, document, out var next) != WriteResult.Written)
                return;
            stored = next;
        }
    }

    private static void Withdraw(ApiServer server, JsonObject document)
    {
        var spec = document.Child("spec");
        var group = spec.Text("group")!;
        var plural = spec.Child("names").Text("plural")!;
        var type = server.Resources.Get(group, plural);
        server.Resources.Withdraw(group, plural);
        foreach (var item in server.Store.List(type.StoredIn).Objects.Values)
            server.Store.Delete(type.StoredIn, item, out _);
    }

    private static JsonObject Condition(string type, string status, string reason, string message, string time) => new()
    {
        ["type"] = type,
        ["status"] = status,
        ["lastTransitionTime"] = time,
        ["reason"] = reason,
        ["message"] = message,
    };

    private static List<string> Texts(JsonObject names, string field) => (names.Array(field) ?? []).Select(item => item!.ToString()).ToList();
}
