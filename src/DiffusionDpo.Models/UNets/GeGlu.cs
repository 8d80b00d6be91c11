using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>Gated linear unit with the exact (erf) GELU on the gate.</summary>
internal sealed class GeGlu : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "proj")] private readonly Linear projection;

    public GeGlu(int inWidth, int outWidth, Device? device) : base(nameof(GeGlu))
    {
        projection = nn.Linear(inWidth, 2 * outWidth, device: device);
        RegisterComponents();
    }

    /// <summary>[N, L, in] → [N, L, out].</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] valueAndGate = projection.call(input).chunk(2, -1);
        return (valueAndGate[0] * valueAndGate[1].gelu()).MoveToOuterDisposeScope();
    }
}
