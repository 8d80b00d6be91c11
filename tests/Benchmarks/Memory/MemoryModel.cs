using System.Text.Json.Nodes;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Layers;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using static TorchSharp.torch;

namespace Benchmarks.Memory;

/// <summary>A model in diffusers layout with random weights: a small one whose configurations are changed.</summary>
internal static class MemoryModel
{
    private const string Configuration = "config.json";

    /// <summary>Writes it.</summary>
    /// <param name="like">The model whose index, tokenizers and schedule it has.</param>
    /// <param name="target">A new directory.</param>
    /// <param name="changes">Of each component what its configuration has instead.</param>
    public static void Write(string like, string target, IReadOnlyDictionary<string, JsonObject> changes)
    {
        foreach (string file in Directory.GetFiles(like, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(like, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        foreach (string weights in Directory.GetFiles(like, "*.safetensors", SearchOption.AllDirectories))
        {
            string component = Path.GetFileName(Path.GetDirectoryName(weights)!), config = Path.Combine(target, component, Configuration);
            if (changes.TryGetValue(component, out JsonObject? change)) Change(config, change);
            WriteWeights(component, config, Path.Combine(target, component, Path.GetFileName(weights)));
        }
    }

    private static void Change(string path, JsonObject change)
    {
        JsonObject config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach ((string key, JsonNode? value) in change) config[key] = value?.DeepClone();
        File.WriteAllText(path, config.ToJsonString());
    }

    private static void WriteWeights(string component, string config, string path)
    {
        using nn.Module network = component switch
        {
            "unet" => new UNet2DConditionModel(UNetConfig.FromFile(config), META),
            "vae" => new AutoencoderKL(AutoencoderConfig.FromFile(config), META),
            _ => new ClipTextModel(ClipTextConfig.FromFile(config), META),
        };
        SeededInitialization.Fill(network, new CounterRandom(1, 0, 0, DrawPurpose.Initialization).FillUniform);
        SafetensorsWriter.WriteFile(path, [.. ParameterSlot.Of(network).Select(slot => (slot.Name, (Tensor)slot.Current))]);
    }
}
