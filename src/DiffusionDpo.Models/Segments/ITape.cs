using static TorchSharp.torch;

namespace DiffusionDpo.Models.Segments;

/// <summary>
/// What a network's forward pass is run on, piece by piece: everything between the pieces is a value on the tape. One forward pass so serves both
/// ways of taking a gradient, with all activations kept or computed again.
/// </summary>
public interface ITape
{
    /// <summary>Runs a segment of the forward pass.</summary>
    /// <param name="segment">
    /// A function of its inputs, of parameters, and of tensors without gradient that live as long as the tape; it gives a new tensor, and the same
    /// one whenever it is run.
    /// </param>
    /// <param name="inputs">
    /// Results of earlier segments, themselves and not something computed from them: what happens between segments gets no gradient on every tape.
    /// </param>
    /// <returns>The result, in the caller's dispose scope.</returns>
    Tensor Run(Segment segment, params Tensor[] inputs);
}
