using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;

namespace DiffusionDpo.Models.Adapters;

/// <summary>What the headers of files say of adapters: in diffusers' a configuration of peft as JSON, below <c>unet.</c>; in kohya's single texts.</summary>
internal static class AdapterMetadata
{
    private const string DiffusersKey = "lora_adapter_metadata";

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

    /// <summary>The alpha of a layer as a header of diffusers has it; null where it says nothing, and the rank is meant.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="RunException">Data error: the header is malformed.</exception>
    public static Func<string, int, double?> Alphas(SafetensorsFile file)
    {
        if (!file.Metadata.TryGetValue(DiffusersKey, out string? text)) return static (_, _) => null;
        try
        {
            JsonObject said = JsonNode.Parse(text)?.AsObject() ?? throw new JsonException();
            double? usual = said["unet.lora_alpha"]?.GetValue<double>();
            Dictionary<string, double> special = said["unet.alpha_pattern"]?.AsObject().ToDictionary(each => each.Key, each => each.Value?.GetValue<double>() ?? throw new JsonException()) ?? [];
            bool isByRoot = said["unet.use_rslora"]?.GetValue<bool>() ?? false; // alpha / √rank is the scale then
            return (module, rank) => Alpha(module) is { } alpha ? isByRoot ? alpha * Math.Sqrt(rank) : alpha : null;

            double? Alpha(string module) => special.Where(each => LoraAdapters.Fits(module, each.Key)).Select(each => (double?)each.Value).FirstOrDefault() ?? usual;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new RunException(ExitClass.DataError, $"{file.Path}: {DiffusersKey} in its header is malformed; fetch or export it again", e);
        }
    }

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
