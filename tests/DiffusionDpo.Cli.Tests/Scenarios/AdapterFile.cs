using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;

namespace DiffusionDpo.Cli.Tests.Scenarios;

/// <summary>Low-rank adapters for the tiny model: rank 4, 88 layers, of another tool, so that their base is not named.</summary>
internal static class AdapterFile
{
    public static string Golden => Goldens.Path("lora", "pytorch_lora_weights.safetensors");

    /// <summary>The same, said to be of a base that nobody has.</summary>
    public static void OfAnotherBase(string path)
    {
        using SafetensorsFile golden = SafetensorsFile.Open(Golden);
        SafetensorsWriter.WriteFile(path, [.. golden.Entries.Keys.Select(name => (name, golden.GetTensor(name)))], new Dictionary<string, string> { [LoraFile.BaseKey] = "abc" });
    }
}
