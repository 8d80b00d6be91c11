using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layers;

/// <summary>Addition for residual connections.</summary>
internal static class Residual
{
    // Tensor's own "+" makes a new scalar for its factor on every call, which costs more than a small kernel.
    private static readonly Scalar One = 1;

    /// <summary>
    /// Adds in place to a tensor that a convolution or a linear layer has just made: nobody else holds it, and their backward does not read it.
    /// </summary>
    /// <param name="fresh">The sum afterwards.</param>
    /// <param name="addend">Broadcast to the shape of <paramref name="fresh"/>.</param>
    public static Tensor Plus(this Tensor fresh, Tensor addend) => fresh.add_(addend, One);
}
