using DiffusionDpo.Models.Configuration;
using DiffusionDpo.Models.UNets;

namespace DiffusionDpo.Models.Layouts;

/// <summary>
/// What of <c>unet/config.json</c> decides the names and shapes of the parameters. A model that this program cannot run, or of which it only
/// changes the layout, needs no more.
/// </summary>
internal sealed record UNetOutline
{
    private const int MostLevels = 16;
    private const int MostLayers = 16;
    private const int MostTransformers = 64;

    // What changes names or shapes and has one form in the single-file layout; keys that are absent mean that form.
    private const string Supported = """
        {
          "_class_name": ["UNet2DConditionModel"],
          "addition_embed_type": [null, "text_time"],
          "attention_type": ["default"],
          "class_embed_type": [null],
          "conv_in_kernel": [3],
          "conv_out_kernel": [3],
          "cross_attention_norm": [null],
          "dual_cross_attention": [false],
          "encoder_hid_dim": [null],
          "encoder_hid_dim_type": [null],
          "mid_block_type": ["UNetMidBlock2DCrossAttn"],
          "num_class_embeds": [null],
          "only_cross_attention": [false],
          "resnet_time_scale_shift": ["default"],
          "reverse_transformer_layers_per_block": [null],
          "time_cond_proj_dim": [null],
          "time_embedding_dim": [null],
          "time_embedding_type": ["positional"]
        }
        """;

    public int InChannels { get; init; } = 4;

    public int OutChannels { get; init; } = 4;

    public IReadOnlyList<int> BlockOutChannels { get; init; } = [320, 640, 1280, 1280];

    public IReadOnlyList<string> DownBlockTypes { get; init; } = ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"];

    public IReadOnlyList<string> UpBlockTypes { get; init; } = ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"];

    public PerBlock LayersPerBlock { get; init; } = 2;

    public PerBlock TransformerLayersPerBlock { get; init; } = 1;

    public PerBlock CrossAttentionDim { get; init; } = 1280;

    public bool UseLinearProjection { get; init; }

    public string? AdditionEmbedType { get; init; }

    public int? AdditionTimeEmbedDim { get; init; }

    public int? ProjectionClassEmbeddingsInputDim { get; init; }

    public int Levels => BlockOutChannels.Count;

    public int TimeWidth => 4 * BlockOutChannels[0];

    /// <summary>Reads the text of a <c>unet/config.json</c>.</summary>
    /// <exception cref="Api.Failures.RunException">It cannot be read, or the single-file layout has no names for such a network.</exception>
    public static UNetOutline Read(string json, string place) => ModelConfigJson.Parse<UNetOutline>(json, place, Supported).Checked(place);

    /// <summary>That of a network of this program.</summary>
    public static UNetOutline Of(UNetConfig config) => new()
    {
        InChannels = config.InChannels,
        OutChannels = config.OutChannels,
        BlockOutChannels = config.BlockOutChannels,
        DownBlockTypes = config.DownBlockTypes,
        UpBlockTypes = config.UpBlockTypes,
        LayersPerBlock = config.LayersPerBlock,
        TransformerLayersPerBlock = config.TransformerLayersPerBlock,
        CrossAttentionDim = config.CrossAttentionDim,
        UseLinearProjection = config.UseLinearProjection,
        AdditionEmbedType = config.AdditionEmbedType,
        AdditionTimeEmbedDim = config.AdditionTimeEmbedDim,
        ProjectionClassEmbeddingsInputDim = config.ProjectionClassEmbeddingsInputDim,
    };

    /// <summary>Whether a level attends to the text on the way down.</summary>
    public bool AttendsDown(int level) => DownBlockTypes[level] == "CrossAttnDownBlock2D";

    /// <summary>Whether a level attends to the text on the way up, which begins with the last.</summary>
    public bool AttendsUp(int level) => UpBlockTypes[Levels - 1 - level] == "CrossAttnUpBlock2D";

    private UNetOutline Checked(string place)
    {
        bool fits = Levels is > 0 and <= MostLevels && DownBlockTypes.Count == Levels && UpBlockTypes.Count == Levels
            && LayersPerBlock.Fits(Levels) && TransformerLayersPerBlock.Fits(Levels) && CrossAttentionDim.Fits(Levels);
        ModelConfigJson.Require(fits, place, "block_out_channels", $"a list of {Levels}", "the lists for each block must be as long, of positive numbers");
        ModelConfigJson.Require(LayersPerBlock.Values.Max() <= MostLayers, place, "layers_per_block", LayersPerBlock, $"at most {MostLayers} layers are expected");
        ModelConfigJson.Require(
            TransformerLayersPerBlock.Values.Max() <= MostTransformers,
            place, "transformer_layers_per_block", TransformerLayersPerBlock, $"at most {MostTransformers} layers are expected");
        foreach (string type in DownBlockTypes)
            ModelConfigJson.Require(type is "CrossAttnDownBlock2D" or "DownBlock2D", place, "down_block_types", type, "only CrossAttnDownBlock2D and DownBlock2D are supported");
        foreach (string type in UpBlockTypes)
            ModelConfigJson.Require(type is "CrossAttnUpBlock2D" or "UpBlock2D", place, "up_block_types", type, "only CrossAttnUpBlock2D and UpBlock2D are supported");
        ModelConfigJson.Require(
            AdditionEmbedType is null || (ProjectionClassEmbeddingsInputDim > 0 && AdditionTimeEmbedDim > 0),
            place, "projection_class_embeddings_input_dim", ProjectionClassEmbeddingsInputDim, "text_time needs a positive number");
        return this;
    }
}
