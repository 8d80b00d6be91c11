using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>Turns the encoding of the timesteps into the embedding that every residual block sees.</summary>
internal sealed class TimestepEmbedding : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "linear_1")] private readonly Linear linear1;
    [ComponentName(Name = "act")] private readonly SiLU activation;
    [ComponentName(Name = "linear_2")] private readonly Linear linear2;

    public TimestepEmbedding(int inWidth, int width, Device? device) : base(nameof(TimestepEmbedding))
    {
        linear1 = nn.Linear(inWidth, width, device: device);
        activation = nn.SiLU();
        linear2 = nn.Linear(width, width, device: device);
        RegisterComponents();
    }

    /// <summary>[N, in] → [N, width].</summary>
    public override Tensor forward(Tensor encoding)
    {
        using DisposeScope scope = NewDisposeScope();
        return linear2.call(activation.call(linear1.call(encoding))).MoveToOuterDisposeScope();
    }
}
