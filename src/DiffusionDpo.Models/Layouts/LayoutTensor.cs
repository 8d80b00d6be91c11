using DiffusionDpo.Models.Loading;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layouts;

/// <summary>One tensor of the single-file layout, and what it is in the diffusers layout.</summary>
/// <param name="Name">Its name in the single file, below the network's prefix.</param>
/// <param name="Form">How it comes from its parts.</param>
/// <param name="Parts">Names and shapes in the diffusers layout; one, but for <see cref="TensorForm.Stacked"/>.</param>
internal sealed record LayoutTensor(string Name, TensorForm Form, params IReadOnlyList<ParameterShape> Parts)
{
    /// <summary>Another form in which other programs write the same tensor; read, never written.</summary>
    public LayoutTensor? Alternative { get; init; }

    /// <summary>Its shape in the single file.</summary>
    public IReadOnlyList<long> Shape => Form switch
    {
        TensorForm.Pointwise => [.. Parts[0].Shape, 1, 1],
        TensorForm.Transposed => [.. Parts[0].Shape.Reverse()],
        TensorForm.Stacked => [Rows, .. Parts[0].Shape.Skip(1)],
        _ => Parts[0].Shape,
    };

    private long Rows => Parts.Sum(part => part.Shape[0]);

    /// <summary>To the single file.</summary>
    /// <param name="parts">The tensors of <see cref="Parts"/>.</param>
    /// <returns>A view wherever that is possible.</returns>
    public Tensor Join(IReadOnlyList<Tensor> parts) => Form switch
    {
        TensorForm.Transposed => parts[0].t(),
        TensorForm.Stacked => cat([.. parts]),
        _ => parts[0].view([.. Shape]),
    };

    /// <summary>From the single file.</summary>
    /// <param name="stored">The tensor of this <see cref="Shape"/>.</param>
    /// <param name="index">Which of <see cref="Parts"/>.</param>
    /// <returns>A view.</returns>
    public Tensor Part(Tensor stored, int index) => Form switch
    {
        TensorForm.Transposed => stored.t(),
        TensorForm.Stacked => stored.narrow(0, Parts.Take(index).Sum(part => part.Shape[0]), Parts[index].Shape[0]),
        _ => stored.view([.. Parts[index].Shape]),
    };
}
