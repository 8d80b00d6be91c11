using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>
/// Encodes timesteps as cosines and sines of geometrically spaced frequencies, from 1 down to 1/10000. Always in float32, whatever the
/// network's number format: published weights were trained on these values.
/// </summary>
internal sealed class SinusoidalTimesteps : nn.Module<Tensor, Tensor>
{
    private readonly bool cosinesFirst;
    private readonly Scalar frequencies;
    private readonly Scalar steps;
    private readonly Scalar minusLogLongestPeriod = -Math.Log(10000);

    /// <summary>Creates it.</summary>
    /// <param name="width">Width of the encoding; even.</param>
    /// <param name="cosinesFirst">Whether the cosines come before the sines.</param>
    /// <param name="shift">Subtracted from the number of steps between the frequencies.</param>
    public SinusoidalTimesteps(int width, bool cosinesFirst, double shift) : base(nameof(SinusoidalTimesteps))
    {
        this.cosinesFirst = cosinesFirst;
        frequencies = width / 2;
        steps = (width / 2) - shift;
    }

    /// <summary>timesteps [N] → encoding [N, width], float32.</summary>
    public override Tensor forward(Tensor timesteps)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor frequency = arange(frequencies, ScalarType.Float32, timesteps.device).mul_(minusLogLongestPeriod).div_(steps).exp_();
        Tensor angle = timesteps.to(ScalarType.Float32).unsqueeze(1) * frequency;
        (Tensor cosine, Tensor sine) = (angle.cos(), angle.sin());
        return cat(cosinesFirst ? [cosine, sine] : [sine, cosine], 1).MoveToOuterDisposeScope();
    }
}
