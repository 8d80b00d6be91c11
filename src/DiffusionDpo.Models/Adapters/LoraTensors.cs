using static TorchSharp.torch;

namespace DiffusionDpo.Models.Adapters;

/// <summary>The adapter of one layer, to be written.</summary>
/// <param name="Module">The layer's name in the network.</param>
/// <param name="Alpha">Its change is multiplied by alpha / rank.</param>
/// <param name="Down">A.</param>
/// <param name="Up">B.</param>
internal sealed record LoraTensors(string Module, double Alpha, Tensor Down, Tensor Up)
{
    public int Rank => (int)Down.shape[0];
}
