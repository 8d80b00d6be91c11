using System.Text.Json.Nodes;
using Benchmarks.Cases;
using Benchmarks.Memory;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Shared;

namespace Benchmarks.Preparing;

/// <summary>A model with the latents and prompts of SD1.5, and pairs of 512 pixels for it.</summary>
/// <param name="Name">Its directory.</param>
/// <param name="Pairs">How many pairs; no two images or prompts are the same.</param>
/// <param name="Vae">Configuration of the autoencoder; latents are 4 × 64 × 64.</param>
/// <param name="TextEncoder">Configuration of the text encoder; states are 77 × 768.</param>
/// <param name="UNet">Configuration of the denoising network.</param>
internal sealed record PreparedCase(string Name, int Pairs, string Vae, string TextEncoder, string UNet)
{
    public const int MicroBatch = 1;
    public const int Steps = 6;
    private const int Side = 512;
    private const int RowsPerGroup = 64;

    private const string TinyUNet = """{"block_out_channels": [32, 32, 32], "cross_attention_dim": 768, "attention_head_dim": 2, "norm_num_groups": 8}""";

    /// <summary>Autoencoder and text encoder of SD1.5.</summary>
    public static PreparedCase Published { get; } = new(
        "published",
        8,
        """{"block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "norm_num_groups": 32}""",
        """{"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12}""",
        TinyUNet);

    /// <summary>Encoders that take no time, for what comes after them, and the denoising network of the case mid.</summary>
    public static PreparedCase Quick { get; } = new(
        "quick",
        128,
        """{"block_out_channels": [8, 8, 8, 8], "layers_per_block": 1, "norm_num_groups": 4}""",
        """{"hidden_size": 768, "intermediate_size": 768, "num_attention_heads": 12, "num_hidden_layers": 1}""",
        """{"block_out_channels": [128, 256, 512], "cross_attention_dim": 768, "attention_head_dim": 8, "norm_num_groups": 32}""");

    /// <summary>Writes model and pairs.</summary>
    /// <param name="directory">Where to.</param>
    /// <returns>A run file of it.</returns>
    public RunFile Write(string directory)
    {
        string home = Path.Combine(directory, Name), model = Path.Combine(home, "model"), data = Path.Combine(home, "train.parquet");
        MemoryModel.Write(Repository.Path("tests/goldens/tiny-sd15"), model, new Dictionary<string, JsonObject> { ["vae"] = Object(Vae), ["text_encoder"] = Object(TextEncoder), ["unet"] = Object(UNet) });
        using (FileStream stream = File.Create(data))
            PickAPicWriter.Write(stream, Enumerable.Range(0, Pairs).Select(Record), RowsPerGroup);
        return FileOf(model, data, home);
    }

    private static RunFile FileOf(string model, string data, string home) => SmallRun.Of(
        new() { Family = ModelFamily.Sd15, Source = model },
        new()
        {
            Sources = [new() { Uri = data }], HeldOut = [], Resolution = Side, Crop = CropMode.Center, Flip = FlipMode.None, EmptyPromptProportion = 0, PrefetchPairs = 64,
            Cache = DataCache.Latents, CacheUri = Path.Combine(home, "cache"),
        },
        MicroBatch,
        Steps,
        Path.Combine(home, "out"));

    private static PickAPicRecord Record(int row) => new() { Caption = $"an image of row {row}", Image0 = Image(2 * row), Image1 = Image((2 * row) + 1), Label0 = row % 2 };

    private static byte[] Image(int number) => ImageEncoder.Jpeg(new RgbImage(
        [.. Enumerable.Range(0, Side * Side * 3).Select(i => (byte)(number + (i / 3 % Side / 2) + (i / 3 / Side / 8 * 7)))], Side, Side));

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();
}
