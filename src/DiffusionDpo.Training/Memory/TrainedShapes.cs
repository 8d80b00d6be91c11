using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Training.Memory.Simulation;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Memory;

/// <summary>The shapes of a run's trained parameters, from the network on the meta device: nothing is allocated.</summary>
internal static class TrainedShapes
{
    /// <summary>Of every trained parameter.</summary>
    /// <param name="unet">The network, on the meta device.</param>
    /// <param name="options">The adapters.</param>
    public static IReadOnlyList<long[]> Of(nn.Module unet, AdapterOptions options)
    {
        IReadOnlyList<ParameterSlot> slots = ParameterSlot.Of(unet);
        if (options.Type != AdapterType.Lora) return [.. slots.Select(slot => slot.Current.shape)];
        TrainedParts parts = TrainedParts.Of(options);
        return [.. slots.Where(slot => slot.Current.dim() > 1 && parts.RankAt(Layer(slot.Name)) is not null).SelectMany(slot => Adapter(slot.Current.shape, options.Rank!.Value))];
    }

    private static string Layer(string parameter) => parameter[..parameter.LastIndexOf('.')];

    // A keeps the filters' size, B has none.
    private static long[][] Adapter(long[] weight, long rank) =>
        [[rank, .. weight[1..]], [weight[0], rank, .. weight[2..].Select(_ => 1L)]];
}
