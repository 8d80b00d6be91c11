using DiffusionDpo.Models.Configuration;

namespace DiffusionDpo.Models.Layouts;

/// <summary>What of <c>vae/config.json</c> decides the names and shapes of the parameters.</summary>
internal sealed record AutoencoderOutline
{
    private const int MostLevels = 16;
    private const int MostLayers = 256;

    private const string Supported = """
        {
          "_class_name": ["AutoencoderKL"],
          "mid_block_add_attention": [true],
          "use_post_quant_conv": [true],
          "use_quant_conv": [true]
        }
        """;

    public int InChannels { get; init; } = 3;

    public int OutChannels { get; init; } = 3;

    public int LatentChannels { get; init; } = 4;

    public IReadOnlyList<int> BlockOutChannels { get; init; } = [64];

    public int LayersPerBlock { get; init; } = 1;

    /// <summary>Whether the network must compute in float32, because activations of its decoder pass what half precision holds.</summary>
    public bool ForceUpcast { get; init; } = true;

    /// <summary>Reads the text of a <c>vae/config.json</c>.</summary>
    /// <exception cref="Api.Failures.RunException">It cannot be read, or the single-file layout has no names for such a network.</exception>
    public static AutoencoderOutline Read(string json, string place)
    {
        AutoencoderOutline outline = ModelConfigJson.Parse<AutoencoderOutline>(json, place, Supported);
        int levels = outline.BlockOutChannels.Count;
        ModelConfigJson.Require(levels is > 0 and <= MostLevels, place, "block_out_channels", $"a list of {levels}", $"1 to {MostLevels} levels are expected");
        ModelConfigJson.Require(outline.LayersPerBlock is > 0 and <= MostLayers, place, "layers_per_block", outline.LayersPerBlock, $"1 to {MostLayers} layers are expected");
        return outline;
    }
}
