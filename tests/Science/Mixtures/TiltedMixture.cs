using DiffusionDpo.Models.UNets;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Science.Mixtures;

/// <summary>
/// The exact noise prediction of the mixture with other weights. Given weights: what a policy would be that reached an optimum. Trained: a policy
/// that can do nothing but move mass between modes.
/// </summary>
public sealed class TiltedMixture : nn.Module<Tensor, Tensor, Conditioning, Tensor>
{
    private readonly RingMixture mixture;
    private readonly Parameter logWeights; // [8]

    /// <summary>The mixture with weights; without: as it is.</summary>
    public TiltedMixture(RingMixture mixture, double[]? weights = null) : base(nameof(TiltedMixture))
    {
        this.mixture = mixture;
        logWeights = new(tensor(weights ?? [.. Enumerable.Repeat(1.0 / RingMixture.Modes, RingMixture.Modes)], ScalarType.Float32).log());
        RegisterComponents();
    }

    /// <summary>The weights, which sum to 1.</summary>
    public double[] Weights => [.. logWeights.detach().softmax(0).to(ScalarType.Float64).data<double>()];

    public override Tensor forward(Tensor noisy, Tensor timesteps, Conditioning conditioning) => mixture.Noise(noisy, timesteps, logWeights);
}
