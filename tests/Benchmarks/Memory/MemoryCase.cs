using System.Text.Json.Nodes;
using Benchmarks.Cases;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;

namespace Benchmarks.Memory;

/// <summary>A model and pictures of which runs are measured.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Like">The model of tests/goldens, or of another directory of the repository, that it is made from.</param>
/// <param name="Resolution">Pixels of a side.</param>
/// <param name="MicroBatch">Pairs.</param>
/// <param name="Changes">What the configurations have instead of the small model's; null: it is taken as it is.</param>
internal sealed record MemoryCase(string Name, string Like, int Resolution, int MicroBatch, IReadOnlyDictionary<string, JsonObject>? Changes = null)
{
    private const int Rows = 6;
    private const int Steps = 4;
    private const string Small = "tests/goldens/tiny-sd15";
    private const string SmallXl = "tests/goldens/tiny-sdxl";

    private static readonly JsonObject s_vae = Object("""{"block_out_channels": [32, 64, 128, 128], "layers_per_block": 2, "norm_num_groups": 32}""");
    private static readonly JsonObject s_wholeVae = Object("""{"block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "norm_num_groups": 32}""");

    private static readonly Dictionary<string, JsonObject> s_mid = new()
    {
        ["unet"] = Object("""{"block_out_channels": [128, 256, 512], "cross_attention_dim": 256, "attention_head_dim": 8, "norm_num_groups": 32}"""),
        ["text_encoder"] = Object("""{"hidden_size": 256, "intermediate_size": 1024, "num_attention_heads": 4}"""),
        ["vae"] = s_vae,
    };

    // SDXL's blocks with a quarter of the channels.
    private static readonly Dictionary<string, JsonObject> s_quarterXl = new()
    {
        ["unet"] = Object(
            """
            {
              "block_out_channels": [80, 160, 320], "layers_per_block": 2, "transformer_layers_per_block": [1, 2, 10], "attention_head_dim": [5, 10, 20],
              "cross_attention_dim": 512, "addition_time_embed_dim": 64, "projection_class_embeddings_input_dim": 704, "norm_num_groups": 16
            }
            """),
        ["text_encoder"] = Object("""{"hidden_size": 192, "intermediate_size": 768, "num_attention_heads": 3, "projection_dim": 192}"""),
        ["text_encoder_2"] = Object("""{"hidden_size": 320, "intermediate_size": 1280, "num_attention_heads": 5, "projection_dim": 320}"""),
        ["vae"] = s_vae,
    };

    // SD1.5's blocks with half of the channels.
    private static readonly Dictionary<string, JsonObject> s_halfSd = new()
    {
        ["unet"] = Object(
            """
            {
              "block_out_channels": [160, 320, 640, 640], "cross_attention_dim": 384, "attention_head_dim": 8, "norm_num_groups": 32,
              "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
              "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]
            }
            """),
        ["text_encoder"] = Object("""{"hidden_size": 384, "intermediate_size": 1536, "num_attention_heads": 6}"""),
        ["vae"] = s_vae,
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<MemoryCase> All { get; } =
    [
        new("tiny-sd15, 64", Small, 64, 2),
        new("tiny-sdxl, 64", SmallXl, 64, 2),
        new("shapes, 64", "examples/shapes/model", 64, 16),
        new("mid, 256", Small, 256, 2, s_mid),
        new("quarter-sdxl, 256", SmallXl, 256, 1, s_quarterXl),
        new("quarter-sdxl, 512", SmallXl, 512, 1, s_quarterXl),
        new("half-sd15, 512", Small, 512, 1, s_halfSd),
        new("whole vae, 512", Small, 512, 1, new Dictionary<string, JsonObject> { ["vae"] = s_wholeVae }),
    ];

    /// <summary>Writes model and pairs.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="directory">Where to.</param>
    /// <returns>The run file with its default options.</returns>
    public RunFile Prepare(string repository, string directory)
    {
        string model = Path.Combine(repository, Like), data = Path.Combine(directory, $"pairs-{Resolution}.parquet");
        if (Changes is not null)
        {
            string own = Path.Combine(directory, Name.Split(',')[0].Replace(' ', '-'));
            if (!Directory.Exists(own)) MemoryModel.Write(model, own, Changes);
            model = own;
        }

        if (!File.Exists(data)) WritePairs(data, Resolution);
        return FileOf(model, data, directory);
    }

    private RunFile FileOf(string model, string data, string directory) => SmallRun.Of(
        new() { Family = Like == SmallXl ? ModelFamily.Sdxl : ModelFamily.Sd15, Source = model },
        new()
        {
            Sources = [new() { Uri = data }], HeldOut = [], Resolution = Resolution, Crop = CropMode.Center, Flip = FlipMode.Pair, EmptyPromptProportion = 0, PrefetchPairs = 8,
            Cache = DataCache.None, CacheUri = Path.Combine(directory, "cache"),
        },
        MicroBatch,
        Steps,
        Path.Combine(directory, "out"));

    private static void WritePairs(string path, int resolution)
    {
        using FileStream stream = File.Create(path);
        PickAPicWriter.Write(stream, Enumerable.Range(0, Rows).Select(i => new PickAPicRecord
        {
            Caption = $"a drawing of {i} things", Image0 = Image(2 * i, resolution), Image1 = Image((2 * i) + 1, resolution), Label0 = i % 2,
        }));
    }

    private static byte[] Image(int index, int side)
    {
        var random = new CounterRandom(1, 0, index, DrawPurpose.Synthesis);
        byte shade = (byte)random.NextUInt32();
        return ImageEncoder.Png(new RgbImage([.. Enumerable.Range(0, side * side * 3).Select(i => (byte)(shade + (i / 3 % side)))], side, side));
    }

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();
}
