using System.Text.Json;

namespace DiffusionDpo.KubeOps.Caching;

/// <summary>Which object a document is, in which version; read without understanding the rest of it.</summary>
internal readonly record struct ObjectHead(ObjectKey Key, string Uid, ulong Version)
{
    public static ObjectHead Of(JsonElement document)
    {
        var metadata = document.GetProperty("metadata");
        return new ObjectHead(new ObjectKey(Text("namespace"), Text("name")), Text("uid"), ResourceVersion.Parse(Text("resourceVersion")));

        string Text(string name) => metadata.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "";
    }
}
