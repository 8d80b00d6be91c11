using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Parity;

/// <summary>
/// The encoding of timesteps and sizes is float32 in float64 runs too, and sine and cosine of another math library round in another way. These runs
/// are therefore as sensitive to its last bit as <see cref="Sensitivity"/> measures.
/// </summary>
internal static class TimeEncoding
{
    private const int Trials = 4;

    private static readonly string[] Names = ["time_proj", "add_time_proj"];

    /// <summary>Runs with the recorded encodings instead of the network's own where those are the same up to rounding.</summary>
    /// <param name="network">The network.</param>
    /// <param name="recorded">Outputs by the name of the submodule.</param>
    public static void Use(UNet2DConditionModel network, IReadOnlyDictionary<string, Tensor> recorded)
    {
        foreach ((string name, nn.Module<Tensor, Tensor> encoder) in Encoders(network))
            encoder.register_forward_hook((_, _, own) => own.allclose(recorded[name], rtol: 0, atol: 2e-7) ? recorded[name].alias() : own);
    }

    /// <summary>How far a result moves (relative L2) when each number of the encodings is the next float up or down.</summary>
    /// <param name="network">The network that <paramref name="run"/> runs.</param>
    /// <param name="run">Computes the result.</param>
    public static double Sensitivity(UNet2DConditionModel network, Func<Tensor> run)
    {
        Tensor undisturbed = run();
        using var random = new Generator(1);
        var hooks = Encoders(network)
            .Select(each => each.Module.register_forward_hook((_, _, own) => own.nextafter((rand(own.shape, generator: random) - 0.5).sign() * 2))).ToList();
        try
        {
            return Enumerable.Range(0, Trials).Max(_ => Goldens.RelativeL2(run(), undisturbed));
        }
        finally
        {
            hooks.ForEach(hook => hook.remove());
        }
    }

    private static IEnumerable<(string Name, nn.Module<Tensor, Tensor> Module)> Encoders(UNet2DConditionModel network) =>
        network.named_modules().Where(each => Names.Contains(each.name)).Select(each => (each.name, (nn.Module<Tensor, Tensor>)each.module));
}
