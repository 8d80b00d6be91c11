using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Optimizers;

/// <summary>
/// The second moment of a matrix as means over its rows and columns, whose product over the mean of all stands for each element (Shazeer and Stern
/// 2018, algorithm 2). Of more dimensions the last two are a matrix, for each index of the others: of a convolution's filters, its k×k.
/// </summary>
/// <param name="like">The parameter […, R, C].</param>
internal sealed class FactoredSecondMoment(Tensor like) : ISecondMoment
{
    private readonly Tensor rows = zeros(like.shape[..^1], like.dtype, like.device).DetachFromDisposeScope(); // […, R]
    private readonly Tensor columns = zeros([.. like.shape[..^2], like.shape[^1]], like.dtype, like.device).DetachFromDisposeScope(); // […, C]

    /// <inheritdoc/>
    public void Take(Tensor square, Scalar keep, Scalar add)
    {
        rows.mul_(keep).add_(square.mean([-1]), add);
        columns.mul_(keep).add_(square.mean([-2]), add);
    }

    /// <inheritdoc/>
    public Tensor Scaled(Tensor gradient)
    {
        Tensor ofRow = (rows / rows.mean([-1], keepdim: true)).rsqrt_().unsqueeze(-1);
        return (ofRow * columns.rsqrt().unsqueeze(-2)).mul_(gradient);
    }

    /// <inheritdoc/>
    public IEnumerable<(string Prefix, Tensor Tensor)> State() => [("row.", rows), ("column.", columns)];

    /// <inheritdoc/>
    public void Dispose()
    {
        rows.Dispose();
        columns.Dispose();
    }
}
