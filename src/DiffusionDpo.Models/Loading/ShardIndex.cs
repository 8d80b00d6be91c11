using System.Text;
using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;

namespace DiffusionDpo.Models.Loading;

/// <summary>An index file: which shard holds which tensor.</summary>
internal sealed class ShardIndex
{
    private const int LongestName = 255; // bytes, of every file system that models are kept on
    private const string Kind = "index of safetensors files";
    private const long MaxBytes = 100_000_000;

    private readonly string path;
    private readonly Dictionary<string, string> shardOf;

    private ShardIndex(string path, Dictionary<string, string> shardOf)
    {
        this.path = path;
        this.shardOf = shardOf;
        Shards = [.. shardOf.Values.Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>File names of all shards, in the directory of the index.</summary>
    public IReadOnlyList<string> Shards { get; }

    /// <summary>Reads and checks an index file.</summary>
    /// <exception cref="RunException">Input missing, or data error: not such a file, or it names a file elsewhere.</exception>
    public static ShardIndex Read(string path) => OpenFailure.Translate(path, Kind, Parse);

    /// <summary>The index as text: sorted by tensor, as published ones are.</summary>
    /// <param name="shardOf">Tensor name to shard.</param>
    /// <param name="totalBytes">Bytes of all tensors.</param>
    /// <param name="stream">Where to.</param>
    public static void Write(IEnumerable<KeyValuePair<string, string>> shardOf, long totalBytes, Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteStartObject("metadata");
        writer.WriteNumber("total_size", totalBytes);
        writer.WriteEndObject();
        writer.WriteStartObject("weight_map");
        foreach ((string name, string shard) in shardOf.OrderBy(each => each.Key, StringComparer.Ordinal)) writer.WriteString(name, shard);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Checks that each tensor of the index is in its shard, and that no shard holds another.</summary>
    /// <param name="files">The shards, in order.</param>
    /// <exception cref="RunException">Data error: index and shards disagree.</exception>
    public void RefuseUnless(IReadOnlyList<SafetensorsFile> files)
    {
        foreach ((string shard, SafetensorsFile file) in Shards.Zip(files))
        {
            string? stray = file.Entries.Keys.FirstOrDefault(name => shardOf.GetValueOrDefault(name) != shard);
            if (stray is not null) throw Disagreement($"{shard} holds {Excerpt.Of(stray)}, which the index does not place there");
        }

        if (files.Sum(file => file.Entries.Count) == shardOf.Count) return;
        HashSet<string> held = [.. files.SelectMany(file => file.Entries.Keys)];
        (string lost, string home) = shardOf.First(each => !held.Contains(each.Key));
        throw Disagreement($"{home} lacks {Excerpt.Of(lost)}");
    }

    private RunException Disagreement(string what) =>
        new(ExitClass.DataError, $"{path} and its files do not belong together: {what}; fetch or export them again");

    private static ShardIndex Parse(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > MaxBytes) throw new InvalidDataException($"it has {stream.Length} bytes; at most {MaxBytes} are allowed");
        try
        {
            using JsonDocument document = JsonDocument.Parse(stream, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            JsonElement map = document.RootElement.GetProperty("weight_map");
            return new(path, map.EnumerateObject().ToDictionary(each => each.Name, each => ShardName(each.Value)));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException("it is no JSON object with a weight_map from names to files", e);
        }
    }

    /// <summary>A shard lies beside its index: a path would let a downloaded file reach others.</summary>
    private static string ShardName(JsonElement value)
    {
        string name = value.GetString() ?? throw new InvalidDataException("its weight_map has a null");
        return name.EndsWith(".safetensors", StringComparison.Ordinal) && name == Path.GetFileName(name) && !name.Any(char.IsControl)
            && Encoding.UTF8.GetByteCount(name) <= LongestName
            ? name
            : throw new InvalidDataException($"it names {Excerpt.Of(name)}, which is not a safetensors file in its directory");
    }
}
