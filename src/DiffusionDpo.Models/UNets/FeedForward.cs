using DiffusionDpo.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>The feed-forward part of a transformer block: gated widening by four, and back (keys <c>net.0</c>, <c>net.2</c>).</summary>
internal sealed class FeedForward : nn.Module<Tensor, Tensor>
{
    private const int Widening = 4;

    [ComponentName(Name = "net")] private readonly Steps net;

    public FeedForward(int channels, Device? device) : base(nameof(FeedForward))
    {
        net = new(channels, device);
        RegisterComponents();
    }

    /// <summary>[N, L, C] → [N, L, C].</summary>
    public override Tensor forward(Tensor tokens) => net.call(tokens);

    private sealed class Steps : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "0")] private readonly GeGlu widen;
        [ComponentName(Name = "1")] private readonly Unchanged dropout;
        [ComponentName(Name = "2")] private readonly Linear narrow;

        public Steps(int channels, Device? device) : base(nameof(Steps))
        {
            widen = new(channels, Widening * channels, device);
            dropout = new();
            narrow = nn.Linear(Widening * channels, channels, device: device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor tokens)
        {
            using Tensor wide = widen.call(tokens);
            return narrow.call(dropout.call(wide));
        }
    }
}
