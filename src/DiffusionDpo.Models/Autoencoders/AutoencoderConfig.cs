using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Configuration;
using DiffusionDpo.Models.Layers;

namespace DiffusionDpo.Models.Autoencoders;

/// <summary>The architecture of an autoencoder, as its published <c>vae/config.json</c> gives it.</summary>
public sealed record AutoencoderConfig
{
    private const double NormEpsilon = 1e-6;
    private const string DownBlock = "DownEncoderBlock2D";
    private const string UpBlock = "UpDecoderBlock2D";

    // What changes the architecture and has one implemented form; keys that are absent mean that form.
    private const string Supported = """
        {
          "_class_name": ["AutoencoderKL"],
          "act_fn": ["silu", "swish"],
          "latents_mean": [null],
          "latents_std": [null],
          "mid_block_add_attention": [true],
          "shift_factor": [null, 0],
          "use_post_quant_conv": [true],
          "use_quant_conv": [true]
        }
        """;

    /// <summary>Channels of the images.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>Channels of the decoded images.</summary>
    public int OutChannels { get; init; } = 3;

    /// <summary>Channels of the latents.</summary>
    public int LatentChannels { get; init; } = 4;

    /// <summary>Channels of each level, from the full resolution downwards.</summary>
    public IReadOnlyList<int> BlockOutChannels { get; init; } = [64];

    /// <summary>Types of the encoder's blocks.</summary>
    public IReadOnlyList<string> DownBlockTypes { get; init; } = [DownBlock];

    /// <summary>Types of the decoder's blocks.</summary>
    public IReadOnlyList<string> UpBlockTypes { get; init; } = [UpBlock];

    /// <summary>Residual blocks per level of the encoder; the decoder has one more.</summary>
    public int LayersPerBlock { get; init; } = 1;

    /// <summary>Groups of the group norms.</summary>
    public int NormNumGroups { get; init; } = 32;

    /// <summary>Latents are multiplied by it before diffusion, divided before decoding. Files older than the key mean 0.18215.</summary>
    public double ScalingFactor { get; init; } = 0.18215;

    internal int Levels => BlockOutChannels.Count;

    internal ResnetSettings Resnet => new(NormNumGroups, NormEpsilon);

    /// <summary>Reads <c>vae/config.json</c>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RunException">It cannot be opened or read, or describes a network that is not supported.</exception>
    public static AutoencoderConfig FromFile(string path) => ModelConfigJson.ReadFile<AutoencoderConfig>(path, Supported).Checked(path);

    /// <summary>Reads the text of a <c>vae/config.json</c>.</summary>
    /// <param name="json">The text.</param>
    /// <param name="place">What an error message calls it.</param>
    /// <exception cref="RunException">It cannot be read, or describes a network that is not supported.</exception>
    public static AutoencoderConfig FromJson(string json, string place) =>
        ModelConfigJson.Parse<AutoencoderConfig>(json, place, Supported).Checked(place);

    private AutoencoderConfig Checked(string place)
    {
        Require(Levels > 0, "block_out_channels", "[]", "at least one level is needed");
        CheckTypes("down_block_types", DownBlockTypes, DownBlock);
        CheckTypes("up_block_types", UpBlockTypes, UpBlock);
        Require(LayersPerBlock > 0, "layers_per_block", LayersPerBlock, "it must be positive");
        Require(NormNumGroups > 0, "norm_num_groups", NormNumGroups, "it must be positive");
        Require(ScalingFactor > 0, "scaling_factor", ScalingFactor, "it must be positive");
        foreach (int channels in BlockOutChannels)
        {
            Require(channels > 0 && channels % NormNumGroups == 0, "block_out_channels", channels, $"it must be divisible by {NormNumGroups} groups");
        }

        return this;

        void CheckTypes(string key, IReadOnlyList<string> types, string known)
        {
            Require(types.Count == Levels, key, $"a list of {types.Count}", $"block_out_channels has {Levels}");
            foreach (string type in types) Require(type == known, key, type, $"only {known} is supported");
        }

        void Require(bool holds, string key, object value, string expected) => ModelConfigJson.Require(holds, place, key, value, expected);
    }
}
