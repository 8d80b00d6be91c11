using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.UNets;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Science.Mixtures;

/// <summary>The exact noise prediction of the mixture plus a small network's correction, which starts at exactly 0.</summary>
public sealed class RingPolicy : nn.Module<Tensor, Tensor, Conditioning, Tensor>
{
    private const int Width = 64, Frequencies = 4;

    private readonly TiltedMixture exact;
    private readonly Tensor levels; // [T, 1 + 2·4]: what the network is told of the timestep
    private readonly Linear first, second, third, last;

    public RingPolicy(RingMixture mixture, long seed) : base(nameof(RingPolicy))
    {
        exact = new(mixture);
        foreach (Parameter weight in exact.parameters()) weight.requires_grad = false;
        double[] told = [.. mixture.LogRatios.SelectMany(ratio => Waves(ratio / 6))];
        levels = tensor(told, ScalarType.Float32).view(mixture.LogRatios.Count, -1).DetachFromDisposeScope();
        first = nn.Linear(2 + 1 + (2 * Frequencies), Width);
        second = nn.Linear(Width, Width);
        third = nn.Linear(Width, Width);
        last = nn.Linear(Width, 2);
        RegisterComponents();
        Initialize(seed);
    }

    public override Tensor forward(Tensor noisy, Tensor timesteps, Conditioning conditioning)
    {
        Tensor hidden = cat([noisy.view(-1, 2), levels.index_select(0, timesteps.to(ScalarType.Int64))], 1);
        foreach (Linear layer in (Linear[])[first, second, third]) hidden = nn.functional.silu(layer.call(hidden));
        return exact.call(noisy, timesteps, conditioning) + last.call(hidden).view_as(noisy);
    }

    private static IEnumerable<double> Waves(double level) =>
        [level, .. Enumerable.Range(1, Frequencies).SelectMany(k => new[] { Math.Sin(level * k * 1.5), Math.Cos(level * k * 1.5) })];

    private void Initialize(long seed)
    {
        using IDisposable noGradient = no_grad();
        var numbers = new CounterRandom(seed, 0, 0, DrawPurpose.Initialization);
        foreach (Linear layer in (Linear[])[first, second, third, last])
        {
            var values = new float[layer.weight.numel()];
            if (layer != last) numbers.FillGaussian(values);
            float scale = MathF.Sqrt(2f / layer.weight.shape[1]);
            layer.weight.copy_(tensor(values.Select(value => value * scale).ToArray()).view(layer.weight.shape));
            layer.bias!.zero_();
        }
    }
}
