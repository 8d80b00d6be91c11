using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.UNets;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Runs;

/// <summary>Whether the layers that are to get adapters are in the model: its configuration says so, before any weights are read.</summary>
public static class AdapterTargets
{
    /// <summary>Refuses targets that no layer has.</summary>
    /// <param name="file">A run file.</param>
    /// <param name="source">The base model's directory.</param>
    /// <exception cref="RunException">Configuration error: there are such targets; the known ones are named.</exception>
    public static void Refuse(RunFile file, string source)
    {
        if (file.Adapter.Type != AdapterType.Lora) return;
        ModelDirectory model = ModelDirectory.Open(source);
        using UNet2DConditionModel network = new(UNetConfig.FromFile(model.FilePath("unet", "config.json")), META);
        LoraAdapters.RefuseUnknownTargets(network, file.Adapter);
    }
}
