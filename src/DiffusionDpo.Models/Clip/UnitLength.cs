using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Clip;

/// <summary>Directions of vectors.</summary>
internal static class UnitLength
{
    private static readonly Scalar Nothing = 0;

    /// <summary>Each row divided by its length; one of length 0 stays as it is.</summary>
    /// <param name="rows">[N, P].</param>
    public static Tensor Of(Tensor rows)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor lengths = rows.norm(1, keepdim: true, p: 2);
        Tensor isZero = lengths.eq(Nothing).to(rows.dtype);
        return (rows / (lengths + isZero)).MoveToOuterDisposeScope();
    }
}
