using System.Text.Json.Nodes;
using DiffusionDpo.Shared;

namespace DiffusionDpo.KubeApi.Tests.Replay;

/// <summary>The recorded steps that are known not to be answered as recorded, each with its reason: scenario → step → why.</summary>
internal static class NotEmulated
{
    public static IReadOnlyDictionary<string, string> Of(string scenario)
    {
        var all = (JsonObject)JsonNode.Parse(File.ReadAllText(Repository.Path("tests", "kube-conformance", "not-emulated.json")))!;
        return (all[scenario] as JsonObject ?? []).ToDictionary(step => step.Key, step => step.Value!.GetValue<string>(), StringComparer.Ordinal);
    }

    /// <summary>What is wrong with the results: steps that fail and are not listed, and steps that are listed and pass, so that the list stays true.</summary>
    public static List<string> Complaints(string scenario, IReadOnlyList<(string Step, string? Difference)> results)
    {
        var listed = Of(scenario);
        var complaints = results.Where(result => result.Difference is not null && !listed.ContainsKey(result.Step))
            .Select(result => $"{result.Step}: {result.Difference}").ToList();
        complaints.AddRange(results.Where(result => result.Difference is null && listed.ContainsKey(result.Step))
            .Select(result => $"{result.Step}: is as recorded, but not-emulated.json says it is not: {listed[result.Step]}"));
        complaints.AddRange(listed.Keys.Except(Scenario.Load(scenario).Steps.Select(step => step["id"]!.GetValue<string>()))
            .Select(step => $"{step}: is in not-emulated.json, but there is no such step"));
        return complaints;
    }
}
