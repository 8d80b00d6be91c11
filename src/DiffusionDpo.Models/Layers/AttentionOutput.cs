using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layers;

/// <summary>The output projection of an attention: a linear layer and the place of a dropout (keys <c>to_out.0</c>, <c>to_out.1</c>).</summary>
internal sealed class AttentionOutput : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "0")] private readonly Linear projection;
    [ComponentName(Name = "1")] private readonly Unchanged dropout;

    public AttentionOutput(int channels, Device? device) : base(nameof(AttentionOutput))
    {
        projection = nn.Linear(channels, channels, device: device);
        dropout = new();
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => dropout.call(projection.call(input));
}
