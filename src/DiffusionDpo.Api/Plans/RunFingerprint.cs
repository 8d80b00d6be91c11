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
    public static string Of(RunFile file)
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
        var decisive = new JsonObject
        {
            ["model"] = Node(file.Model),
            ["data"] = data,
            ["training"] = training,
            ["adapter"] = Node(file.Adapter),
            ["optimizer"] = Node(file.Optimizer),
        };
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sorted(decisive)!.ToJsonString(ApiJson.Compact))));
    }

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
