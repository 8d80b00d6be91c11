using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Parity;

/// <summary>
/// The encoding of timesteps is float32 in float64 runs too, and sine and cosine of another math library round in another way. These runs
/// are therefore as sensitive to its last bit as <see cref="Sensitivity"/> measures.
/// </summary>
internal static class TimeEncoding
{
    private const int Trials = 4;

    /// <summary>Runs with this encoding instead of the network's own where that is the same up to rounding.</summary>
    public static void Use(UNet2DConditionModel network, Tensor recorded) =>
        Encoder(network).register_forward_hook((_, _, own) => own.allclose(recorded, rtol: 0, atol: 2e-7) ? recorded.alias() : own);

    /// <summary>How far a result moves (relative L2) when each number of the encoding is the next float up or down.</summary>
    /// <param name="network">The network that <paramref name="run"/> runs.</param>
    /// <param name="run">Computes the result.</param>
    public static double Sensitivity(UNet2DConditionModel network, Func<Tensor> run)
    {
        Tensor undisturbed = run();
        using var random = new Generator(1);
        var hook = Encoder(network).register_forward_hook((_, _, own) => own.nextafter((rand(own.shape, generator: random) - 0.5).sign() * 2));
        try
        {
            return Enumerable.Range(0, Trials).Max(_ => Goldens.RelativeL2(run(), undisturbed));
        }
        finally
        {
            hook.remove();
        }
    }

    private static nn.Module<Tensor, Tensor> Encoder(UNet2DConditionModel network) =>
        (nn.Module<Tensor, Tensor>)network.named_modules().Single(each => each.name == "time_proj").module;
}
