using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Optimizers;

/// <summary>The second moment of a vector: a value for each element.</summary>
/// <param name="like">The parameter.</param>
internal sealed class FullSecondMoment(Tensor like) : ISecondMoment
{
    private readonly Tensor mean = zeros_like(like).DetachFromDisposeScope();

    /// <inheritdoc/>
    public void Take(Tensor square, Scalar keep, Scalar add) => mean.mul_(keep).add_(square, add);

    /// <inheritdoc/>
    public Tensor Scaled(Tensor gradient) => mean.rsqrt().mul_(gradient);

    /// <inheritdoc/>
    public IEnumerable<(string Prefix, Tensor Tensor)> State() => [("second.", mean)];

    /// <inheritdoc/>
    public void Dispose() => mean.Dispose();
}
