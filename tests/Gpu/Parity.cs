using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Gpu;

/// <summary>Predictions in float32 are those of the Python reference on a CPU.</summary>
internal static class Parity
{
    private const double Limit = 2e-5; // the CPU's is 5e-6; another device sums in another order

    public static IEnumerable<Check> On(Device device)
    {
        // TF32 has ten bits of mantissa: what is compared here is the network, not that
        _ = ComputeDevices.Use(new() { Tf32 = false });
        foreach (string tag in (string[])["sd15", "sdxl"])
        {
            foreach (string size in (string[])["even", "odd"])
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable noGradient = no_grad();
                using UNet2DConditionModel network = Networks.Tiny(tag, device);
                Dictionary<string, Tensor> golden = Networks.Tensors(device, $"{tag}-activations", $"unet_{size}.safetensors");
                Tensor prediction = network.call(golden["sample"], golden["timesteps"], Networks.Conditioning(golden));
                double distance = Goldens.RelativeL2(prediction, golden["output"]);
                yield return new($"{tag}, {size} latents: relative L2 to the reference", $"{distance:E1}", $"{Limit:E0}", distance <= Limit);
            }
        }
    }
}
