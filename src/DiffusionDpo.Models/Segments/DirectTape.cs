using static TorchSharp.torch;

namespace DiffusionDpo.Models.Segments;

/// <summary>Runs every segment once; where gradients are on, autograd keeps its activations.</summary>
public sealed class DirectTape : ITape
{
    private DirectTape()
    {
    }

    /// <summary>The one there is: it remembers nothing.</summary>
    public static DirectTape Instance { get; } = new();

    /// <inheritdoc/>
    public Tensor Run(Segment segment, params Tensor[] inputs) => segment(inputs);
}
