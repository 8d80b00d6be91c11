using DiffusionDpo.Models.UNets;

namespace DiffusionDpo.Cli.DryRuns;

/// <summary>
/// Counts the numbers that a UNet keeps for its gradients, block by block as the network is built. Attention weights are not among them: the kernel
/// computes them anew.
/// </summary>
internal static class UNetFootprint
{
    // Inputs of norm, SiLU and convolution, twice: at the width that comes in, then at the one that goes out.
    private const int OfResnetIn = 3;
    private const int OfResnetOut = 3;

    // Per token and channel: two norms and projections around the blocks; and in each block three norms, queries, keys, values, attention's results,
    // and 4 + 4 + 8 times the width in the feed-forward.
    private const int AroundTransformer = 3;
    private const int OfTransformer = 28;

    private const string CrossAttention = "CrossAttn";

    /// <summary>Numbers for one image.</summary>
    /// <param name="config">The network.</param>
    /// <param name="side">Side of its latents.</param>
    public static long Count(UNetConfig config, int side)
    {
        int levels = config.BlockOutChannels.Count;
        long total = 0;
        Stack<int> skips = new([config.BlockOutChannels[0]]);
        int channels = config.BlockOutChannels[0];
        for (int level = 0; level < levels; level++)
        {
            for (int layer = 0; layer < config.LayersPerBlock[level]; layer++)
            {
                total += Block(level, channels, config.BlockOutChannels[level], config.DownBlockTypes[level]);
                skips.Push(channels = config.BlockOutChannels[level]);
            }

            if (level < levels - 1) skips.Push(channels);
        }

        total += Block(levels - 1, channels, channels, CrossAttention) + Block(levels - 1, channels, channels, "");
        for (int level = levels - 1; level >= 0; level--)
        {
            for (int layer = 0; layer <= config.LayersPerBlock[level]; layer++)
            {
                total += Block(level, channels + skips.Pop(), config.BlockOutChannels[level], config.UpBlockTypes[levels - 1 - level]);
                channels = config.BlockOutChannels[level];
            }
        }

        return total;

        long Block(int level, int incoming, int outgoing, string type)
        {
            long positions = (long)Math.Pow(Math.Max(1, side >> level), 2);
            long resnet = positions * ((OfResnetIn * incoming) + (OfResnetOut * outgoing));
            bool attends = type.StartsWith(CrossAttention, StringComparison.Ordinal);
            return resnet + (attends ? positions * outgoing * (AroundTransformer + (OfTransformer * config.TransformerLayersPerBlock[level])) : 0);
        }
    }
}
