using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Loading;

/// <summary>One of each kind of leaf module, under names that the networks use.</summary>
internal sealed class SampleNetwork : nn.Module
{
    public readonly Conv2d conv_in;
    public readonly GroupNorm norm;
    public readonly ModuleList<nn.Module> blocks;

    public SampleNetwork(Device? device = null) : base(nameof(SampleNetwork))
    {
        conv_in = nn.Conv2d(4, 8, 3, device: device);
        norm = nn.GroupNorm(2, 8, device: device);
        blocks = nn.ModuleList<nn.Module>(nn.Linear(8, 6, device: device), nn.LayerNorm(6, device: device), nn.Linear(6, 6, hasBias: false, device: device));
        RegisterComponents();
    }
}
