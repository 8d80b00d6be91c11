using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace Gpu;

/// <summary>The goldens' small networks and inputs on a device.</summary>
internal static class Networks
{
    public static UNet2DConditionModel Tiny(string tag, Device device, ScalarType type = ScalarType.Float32)
    {
        UNet2DConditionModel network = new(UNetConfig.FromFile(Goldens.Path($"tiny-{tag}", "unet", "config.json")), META);
        using Weights weights = Weights.Open(Directory.GetFiles(Goldens.Path($"tiny-{tag}", "unet"), "*.safetensors").Single());
        StrictLoader.Load(network, weights, LoadMode.Copy, type);
        network.to(device);
        return network;
    }

    public static Dictionary<string, Tensor> Tensors(Device device, params string[] file)
    {
        using SafetensorsFile opened = Goldens.Open(file);
        return opened.Entries.Keys.ToDictionary(name => name, name => opened.GetTensor(name).to(device));
    }

    public static Conditioning Conditioning(Dictionary<string, Tensor> inputs) => new(inputs["encoder_hidden_states"])
    {
        PooledText = inputs.GetValueOrDefault("text_embeds"), TimeIds = inputs.GetValueOrDefault("time_ids"),
    };
}
