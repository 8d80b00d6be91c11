using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;

namespace DiffusionDpo.Models.Adapters;

/// <summary>
/// What files say of adapters beside their tensors: in the header of diffusers' a configuration of peft as JSON, below <c>unet.</c>; in kohya's single texts. peft's own
/// files have that configuration beside them.
/// </summary>
internal static class AdapterMetadata
{
    private const string DiffusersKey = "lora_adapter_metadata";
    private const string PeftConfiguration = "adapter_config.json";
    private const int MostBytes = 1 << 20;

    /// <summary>The header of a new file.</summary>
    /// <param name="naming">The file's naming.</param>
    /// <param name="layers">What is in it.</param>
    /// <param name="baseHash">Of the network that they belong to; null if that is not known.</param>
    public static Dictionary<string, string> Write(LoraNaming naming, IReadOnlyList<LoraTensors> layers, string? baseHash)
    {
        Dictionary<string, string> header = new() { ["format"] = "pt" };
        if (baseHash is not null) header[LoraFile.BaseKey] = baseHash;
        if (naming == LoraNaming.Diffusers) header[DiffusersKey] = Configuration(layers).ToJsonString();
        if (naming != LoraNaming.Kohya) return header;
        header["ss_network_module"] = "networks.lora"; // kohya's keys, shown by the web UIs
        header["ss_network_dim"] = $"{layers.Max(each => each.Rank)}";
        header["ss_network_alpha"] = layers[0].Alpha.ToString("R", CultureInfo.InvariantCulture);
        return header;
    }

    /// <summary>The alpha of a layer as peft's configuration has it; null where it says nothing, and the rank is meant.</summary>
    /// <param name="file">The file.</param>
    /// <param name="naming">How it names its tensors.</param>
    /// <exception cref="RunException">Data error: the configuration is malformed. Input missing: peft's is not beside its file, and nothing else says how strong the adapters are.</exception>
    public static Func<string, int, double?> Alphas(SafetensorsFile file, LoraNaming naming)
    {
        if (file.Metadata.TryGetValue(DiffusersKey, out string? text)) return Alphas(text, "unet.", $"{file.Path}: {DiffusersKey} in its header");
        if (naming != LoraNaming.Peft) return static (_, _) => null;
        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file.Path))!, PeftConfiguration);
        return Alphas(Read(beside, file.Path), "", beside);
    }

    private static string Read(string path, string of)
    {
        try
        {
            return new FileInfo(path).Length <= MostBytes ? File.ReadAllText(path) : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunException(ExitClass.InputMissing, $"{path} cannot be read ({e.Message}): {of} is one of peft's files, and that one says how strong its adapters are; fetch it too", e);
        }
    }

    private static Func<string, int, double?> Alphas(string json, string prefix, string place)
    {
        try
        {
            JsonObject said = JsonNode.Parse(json)?.AsObject() ?? throw new JsonException();
            double? usual = said[prefix + "lora_alpha"]?.GetValue<double>();
            (Regex Modules, double Alpha)[] special = [.. (said[prefix + "alpha_pattern"]?.AsObject() ?? []).Select(each => (Modules(each.Key), each.Value?.GetValue<double>() ?? throw new JsonException()))];
            bool isByRoot = said[prefix + "use_rslora"]?.GetValue<bool>() ?? false; // alpha / √rank is the scale then
            return (module, rank) => Alpha(module) is { } alpha ? isByRoot ? alpha * Math.Sqrt(rank) : alpha : null;

            double? Alpha(string module) => special.Where(each => each.Modules.IsMatch(module)).Select(each => (double?)each.Alpha).FirstOrDefault() ?? usual;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException or NotSupportedException)
        {
            throw new RunException(ExitClass.DataError, $"{place} is malformed; fetch or export it again", e);
        }
    }

    // As peft does: a regular expression for a name, or for its end after a dot. This engine's time grows with the name's length alone.
    private static Regex Modules(string pattern) => new($@"\A(?:.*\.)?(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static JsonObject Configuration(IReadOnlyList<LoraTensors> layers)
    {
        return new()
        {
            ["unet.r"] = layers[0].Rank,
            ["unet.lora_alpha"] = layers[0].Alpha,
            ["unet.target_modules"] = new JsonArray([.. layers.Select(each => (JsonNode)each.Module)]),
            ["unet.rank_pattern"] = Others(each => each.Rank),
            ["unet.alpha_pattern"] = Others(each => each.Alpha),
        };

        JsonObject Others(Func<LoraTensors, double> value) =>
            new(layers.Where(each => value(each) != value(layers[0])).Select(each => KeyValuePair.Create(each.Module, (JsonNode?)value(each))));
    }
}
