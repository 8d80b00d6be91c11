using static TorchSharp.torch;

namespace DiffusionDpo.Models.Segments;

/// <summary>A piece of a forward pass.</summary>
/// <param name="inputs">Results of earlier pieces.</param>
/// <returns>The result, in the dispose scope of the call.</returns>
public delegate Tensor Segment(Tensor[] inputs);
