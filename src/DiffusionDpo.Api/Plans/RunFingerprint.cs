using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Plans;

/// <summary>The identity of the weights that a run file describes.</summary>
internal static class RunFingerprint
{
    /// <summary>SHA-256 in lower-case hex over canonical JSON: keys sorted at every level, no white space.</summary>
    public static string Of(RunFile file) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sorted(Decisive(file))!.ToJsonString(ApiJson.Compact))));

    /// <summary>What makes two identities different: each option as <c>training.seed is 1 there and 2 here</c>.</summary>
    public static IEnumerable<string> Differences(RunFile there, RunFile here)
    {
        Dictionary<string, string> before = Leaves("", Decisive(there)).ToDictionary(), now = Leaves("", Decisive(here)).ToDictionary();
        return before.Keys.Union(now.Keys).Where(option => before.GetValueOrDefault(option) != now.GetValueOrDefault(option)).Order(StringComparer.Ordinal)
            .Select(option => $"{option} is {before.GetValueOrDefault(option, "not set")} there and {now.GetValueOrDefault(option, "not set")} here");
    }

    private static JsonObject Decisive(RunFile file)
    {
        var data = Node(file.Data);
        // How far ahead pairs are read, where bytes are kept and what is tolerated of bad data changes no pair that is trained on: the manifest's hash tells that.
        data.Remove(Key(nameof(DataOptions.PrefetchPairs)));
        data.Remove(Key(nameof(DataOptions.MaxBadFraction)));
        data.Remove(Key(nameof(DataOptions.BadShards)));
        data.Remove(Key(nameof(DataOptions.DiskCache)));
        // Training from the cache is the same to the bit: docs/design/0006-prepared-data.md.
        data.Remove(Key(nameof(DataOptions.Cache)));
        data.Remove(Key(nameof(DataOptions.CacheUri)));
        var training = Node(file.Training);
        training.Remove(Key(nameof(TrainingOptions.Device)));
        training.Remove(Key(nameof(TrainingOptions.GradientCheckpointing))); // the same gradients to the bit
        if (!file.Training.Tf32) training.Remove(Key(nameof(TrainingOptions.Tf32))); // runs that began before there was the option go on
        training.Remove(Key(nameof(TrainingOptions.ReferenceCache))); // the same errors, refused where they drift: docs/reference-cache.md
        return new JsonObject
        {
            ["model"] = Node(file.Model),
            ["data"] = data,
            ["training"] = training,
            ["adapter"] = Node(file.Adapter),
            ["optimizer"] = Node(file.Optimizer),
        };
    }

    private static IEnumerable<KeyValuePair<string, string>> Leaves(string path, JsonNode? node) => node is JsonObject map
        ? map.SelectMany(each => Leaves(path.Length == 0 ? each.Key : $"{path}.{each.Key}", each.Value))
        : [KeyValuePair.Create(path, node?.ToJsonString(ApiJson.Compact) ?? "not set")];

    private static JsonObject Node<T>(T options) => JsonSerializer.SerializeToNode(options, ApiJson.Compact)!.AsObject();

    private static string Key(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(
            map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
