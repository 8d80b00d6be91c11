using System.Text.Json.Nodes;
using DiffusionDpo.Shared;

namespace DiffusionDpo.KubeApi.Tests.Replay;

/// <summary>One file of recorded exchanges.</summary>
internal sealed record Scenario(string Name, IReadOnlyList<string> Requires, IReadOnlySet<string> Ignored, IReadOnlyList<JsonObject> Steps)
{
    public static Scenario Load(string name)
    {
        var json = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "kube-conformance", name + ".json")))!;
        return new Scenario(name, Texts(json["requires"]), Texts(json["ignoreKeys"]).ToHashSet(StringComparer.Ordinal), [.. ((JsonArray)json["steps"]!).Cast<JsonObject>()]);
    }

    public static List<string> Texts(JsonNode? list) => (list as JsonArray ?? []).Select(item => item!.GetValue<string>()).ToList();
}
