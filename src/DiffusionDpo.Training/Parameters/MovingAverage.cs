using static TorchSharp.torch;

namespace DiffusionDpo.Training.Parameters;

/// <summary>
/// An exponential moving average of the parameters over optimizer steps: average ← decay·average + (1 − decay)·parameters, from the parameters that
/// training begins with. In the format in which the parameters are changed, as one buffer.
/// </summary>
public sealed class MovingAverage : IDisposable
{
    private readonly FlatParameters parameters;
    private readonly Tensor share; // 1 − decay

    /// <summary>Starts at the parameters.</summary>
    /// <param name="parameters">What is averaged.</param>
    /// <param name="decay">In [0, 1).</param>
    public MovingAverage(FlatParameters parameters, double decay)
    {
        this.parameters = parameters;
        Values = parameters.Values.clone().DetachFromDisposeScope();
        share = tensor(1 - decay, parameters.Values.dtype, parameters.Values.device).DetachFromDisposeScope();
    }

    /// <summary>The average, in the layout of the parameters.</summary>
    public Tensor Values { get; }

    /// <summary>Takes in the parameters as they are after another step.</summary>
    public void Update()
    {
        using IDisposable noGradient = no_grad();
        Values.lerp_(parameters.Values, share);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        share.Dispose();
    }
}
