using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layers;

/// <summary>Stands where the published network has a dropout of probability zero, so that its neighbours keep their names.</summary>
internal sealed class Unchanged() : nn.Module<Tensor, Tensor>(nameof(Unchanged))
{
    public override Tensor forward(Tensor input) => input;
}
