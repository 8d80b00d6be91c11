using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.FieldOwnership;

/// <summary>The fields of one manager.</summary>
public sealed record ManagedFieldsEntry(string Manager, string Operation, string ApiVersion, string Subresource, string Time, FieldSet Set)
{
    public bool IsOf(FieldOwner manager) =>
        manager.Name == Manager && manager.Operation == Operation && manager.ApiVersion == ApiVersion && manager.Subresource == Subresource;

    public static ManagedFieldsEntry Read(JsonObject json) => new(
        json.Text("manager") ?? "", json.Text("operation") ?? "", json.Text("apiVersion") ?? "", json.Text("subresource") ?? "",
        json.Text("time") ?? "", FieldSet.FromJson(json.Object("fieldsV1")));

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["manager"] = Manager,
            ["operation"] = Operation,
            ["apiVersion"] = ApiVersion,
            ["time"] = Time,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = Set.ToJson(),
        };
        if (Subresource.Length > 0)
            json["subresource"] = Subresource;
        return json;
    }
}
