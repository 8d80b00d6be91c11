using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Configuration;
using DiffusionDpo.Models.Layers;

namespace DiffusionDpo.Models.UNets;

/// <summary>
/// The architecture of a UNet, as its published <c>unet/config.json</c> gives it. Lists run from the full resolution downwards.
/// </summary>
public sealed record UNetConfig
{
    internal const string CrossAttentionDown = "CrossAttnDownBlock2D";
    internal const string CrossAttentionUp = "CrossAttnUpBlock2D";

    // What changes the architecture and has one implemented form; keys that are absent mean that form.
    private const string Supported = """
        {
          "_class_name": ["UNet2DConditionModel"],
          "act_fn": ["silu", "swish"],
          "addition_embed_type": [null, "text_time"],
          "attention_type": ["default"],
          "center_input_sample": [false],
          "class_embed_type": [null],
          "class_embeddings_concat": [false],
          "conv_in_kernel": [3],
          "conv_out_kernel": [3],
          "cross_attention_norm": [null],
          "downsample_padding": [1, 0],
          "dropout": [0],
          "dual_cross_attention": [false],
          "encoder_hid_dim": [null],
          "encoder_hid_dim_type": [null],
          "mid_block_only_cross_attention": [null, false],
          "mid_block_scale_factor": [1],
          "mid_block_type": ["UNetMidBlock2DCrossAttn"],
          "num_class_embeds": [null],
          "only_cross_attention": [false],
          "resnet_out_scale_factor": [1],
          "resnet_skip_time_act": [false],
          "resnet_time_scale_shift": ["default"],
          "reverse_transformer_layers_per_block": [null],
          "time_cond_proj_dim": [null],
          "time_embedding_act_fn": [null],
          "time_embedding_dim": [null],
          "time_embedding_type": ["positional"],
          "timestep_post_act": [null]
        }
        """;

    /// <summary>Side of the square latents that the model was made for; the network takes any size.</summary>
    public int SampleSize { get; init; } = 64;

    /// <summary>Channels of the latents that go in.</summary>
    public int InChannels { get; init; } = 4;

    /// <summary>Channels of the prediction.</summary>
    public int OutChannels { get; init; } = 4;

    /// <summary>Channels of each level.</summary>
    public IReadOnlyList<int> BlockOutChannels { get; init; } = [320, 640, 1280, 1280];

    /// <summary>Types of the blocks on the way down.</summary>
    public IReadOnlyList<string> DownBlockTypes { get; init; } = [CrossAttentionDown, CrossAttentionDown, CrossAttentionDown, "DownBlock2D"];

    /// <summary>Types of the blocks on the way up, the lowest resolution first.</summary>
    public IReadOnlyList<string> UpBlockTypes { get; init; } = ["UpBlock2D", CrossAttentionUp, CrossAttentionUp, CrossAttentionUp];

    /// <summary>Residual blocks per level on the way down; one more on the way up.</summary>
    public PerBlock LayersPerBlock { get; init; } = 2;

    /// <summary>Transformer blocks in each attention.</summary>
    public PerBlock TransformerLayersPerBlock { get; init; } = 1;

    /// <summary>Width of the text states.</summary>
    public PerBlock CrossAttentionDim { get; init; } = 1280;

    /// <summary>In spite of its published name the number of heads, where <see cref="NumAttentionHeads"/> is not given.</summary>
    public PerBlock AttentionHeadDim { get; init; } = 8;

    /// <summary>Number of heads.</summary>
    public PerBlock? NumAttentionHeads { get; init; }

    /// <summary>Whether the transformers' outer projections are linear layers; otherwise 1×1 convolutions.</summary>
    public bool UseLinearProjection { get; init; }

    /// <summary>
    /// Whether attention is computed in float32 in a network that computes in half precision: products of its queries and keys pass what half
    /// precision holds (Stable Diffusion 2.1). Null: no.
    /// </summary>
    public bool? UpcastAttention { get; init; }

    /// <summary>Padding of the downsampling convolutions; 0 pads right and bottom only.</summary>
    public int DownsamplePadding { get; init; } = 1;

    /// <summary>Groups of the group norms.</summary>
    public int NormNumGroups { get; init; } = 32;

    /// <summary>Epsilon of the group norms outside the transformers.</summary>
    public double NormEps { get; init; } = 1e-5;

    /// <summary>Whether the cosines come first in the timestep embedding.</summary>
    public bool FlipSinToCos { get; init; } = true;

    /// <summary>Subtracted from the number of frequencies in the timestep embedding.</summary>
    public double FreqShift { get; init; }

    /// <summary>What is added to the time embedding: "text_time", the pooled text and the image's sizes (SDXL); null: nothing.</summary>
    public string? AdditionEmbedType { get; init; }

    /// <summary>Width of the encoding of each size.</summary>
    public int? AdditionTimeEmbedDim { get; init; }

    /// <summary>Width of the pooled text and all encoded sizes together.</summary>
    public int? ProjectionClassEmbeddingsInputDim { get; init; }

    internal bool AddsTextAndSizes => AdditionEmbedType is not null;

    internal int Levels => BlockOutChannels.Count;

    internal int TimeWidth => 4 * BlockOutChannels[0];

    internal ResnetSettings Resnet => new(NormNumGroups, NormEps, TimeWidth);

    /// <summary>Reads <c>unet/config.json</c>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RunException">It cannot be opened or read, or describes a network that is not supported.</exception>
    public static UNetConfig FromFile(string path) => ModelConfigJson.ReadFile<UNetConfig>(path, Supported).Checked(path);

    /// <summary>Reads the text of a <c>unet/config.json</c>.</summary>
    /// <param name="json">The text.</param>
    /// <param name="place">What an error message calls it.</param>
    /// <exception cref="RunException">It cannot be read, or describes a network that is not supported.</exception>
    public static UNetConfig FromJson(string json, string place) => ModelConfigJson.Parse<UNetConfig>(json, place, Supported).Checked(place);

    internal int Heads(int level) => (NumAttentionHeads ?? AttentionHeadDim)[level];

    private UNetConfig Checked(string place)
    {
        Require(Levels > 0, "block_out_channels", "[]", "at least one level is needed");
        CheckTypes("down_block_types", DownBlockTypes, [CrossAttentionDown, "DownBlock2D"]);
        CheckTypes("up_block_types", UpBlockTypes, [CrossAttentionUp, "UpBlock2D"]);
        CheckPerBlock("layers_per_block", LayersPerBlock);
        CheckPerBlock("transformer_layers_per_block", TransformerLayersPerBlock);
        CheckPerBlock("cross_attention_dim", CrossAttentionDim);
        CheckPerBlock(NumAttentionHeads is null ? "attention_head_dim" : "num_attention_heads", NumAttentionHeads ?? AttentionHeadDim);
        if (AddsTextAndSizes)
        {
            Require(AdditionTimeEmbedDim is > 0 and var width && width % 2 == 0, "addition_time_embed_dim", AdditionTimeEmbedDim, "text_time needs an even number");
            Require(ProjectionClassEmbeddingsInputDim > 0, "projection_class_embeddings_input_dim", ProjectionClassEmbeddingsInputDim, "text_time needs a positive number");
        }

        Require(NormNumGroups > 0, "norm_num_groups", NormNumGroups, "it must be positive");
        for (int level = 0; level < Levels; level++)
        {
            int channels = BlockOutChannels[level];
            bool divides = channels > 0 && channels % 2 == 0 && channels % NormNumGroups == 0 && channels % Heads(level) == 0;
            Require(divides, $"block_out_channels[{level}]", channels, $"it must be even and divisible by {NormNumGroups} groups and {Heads(level)} heads");
        }

        return this;

        void CheckTypes(string key, IReadOnlyList<string> types, string[] known)
        {
            Require(types.Count == Levels, key, $"a list of {types.Count}", $"block_out_channels has {Levels}");
            foreach (string type in types) Require(known.Contains(type), key, type, $"only {string.Join(" and ", known)} are supported");
        }

        void CheckPerBlock(string key, PerBlock value) =>
            Require(value.Fits(Levels), key, value, $"one positive number, or one for each of {Levels} blocks, is expected");

        void Require(bool holds, string key, object? value, string expected) => ModelConfigJson.Require(holds, place, key, value, expected);
    }
}
