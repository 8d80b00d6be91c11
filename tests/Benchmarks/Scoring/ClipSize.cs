using System.Text.Json;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;
using static TorchSharp.torch;

namespace Benchmarks.Scoring;

/// <summary>The size of a published CLIP model; its weights are random, which costs no less.</summary>
internal sealed record ClipSize(string Name, int ImageSize, int Patch, int Width, int Layers, int Heads, int TextWidth, int TextLayers, int TextHeads, int Projection, string Activation)
{
    private const int Vocabulary = 49408;
    private const int Positions = 77;
    private const float Deviation = 0.02f;

    public static IReadOnlyList<ClipSize> All { get; } =
    [
        new("ViT-B/32", 224, 32, 768, 12, 12, 512, 12, 8, 512, "quick_gelu"),
        new("ViT-L/14", 224, 14, 1024, 24, 16, 768, 12, 12, 768, "quick_gelu"),
        new("ViT-H/14", 224, 14, 1280, 32, 16, 1024, 24, 16, 1024, "gelu"),
    ];

    /// <summary>Multiplications and additions of one image, in billions.</summary>
    public double GflopPerImage => Gflop(Tokens, Width, Layers) + (2e-9 * (Tokens - 1) * 3 * Patch * Patch * Width);

    /// <summary>The same of one prompt.</summary>
    public double GflopPerPrompt => Gflop(Positions, TextWidth, TextLayers);

    private int Tokens => 1 + (ImageSize / Patch * (ImageSize / Patch));

    /// <summary>Writes the model in transformers' layout, in half precision.</summary>
    public void Write(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (string file in (string[])["vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json", "preprocessor_config.json"])
            File.Copy(Goldens.Path("tiny-clip", file), Path.Combine(directory, file));
        string preprocessor = Path.Combine(directory, "preprocessor_config.json");
        File.WriteAllText(preprocessor, File.ReadAllText(preprocessor).Replace(" 32", $" {ImageSize}"));
        File.WriteAllText(Path.Combine(directory, "config.json"), JsonSerializer.Serialize(new
        {
            model_type = "clip",
            projection_dim = Projection,
            text_config = Config(TextWidth, TextLayers, TextHeads, new() { ["vocab_size"] = Vocabulary, ["max_position_embeddings"] = Positions, ["eos_token_id"] = 2 }),
            vision_config = Config(Width, Layers, Heads, new() { ["image_size"] = ImageSize, ["patch_size"] = Patch }),
        }));
        IReadOnlyList<TensorToWrite> tensors = [.. Shapes().Select(each => new TensorToWrite(each.Name, ScalarType.Float16, each.Shape, () => randn(each.Shape).mul_(Deviation)))];
        SafetensorsWriter.WriteFile(Path.Combine(directory, "model.safetensors"), tensors);
    }

    private Dictionary<string, object> Config(int width, int layers, int heads, Dictionary<string, object> more) => new(more)
    {
        ["hidden_size"] = width, ["intermediate_size"] = 4 * width, ["num_hidden_layers"] = layers, ["num_attention_heads"] = heads, ["hidden_act"] = Activation,
    };

    private IEnumerable<(string Name, long[] Shape)> Shapes() =>
    [
        ("logit_scale", []),
        ("text_model.embeddings.token_embedding.weight", [Vocabulary, TextWidth]),
        ("text_model.embeddings.position_embedding.weight", [Positions, TextWidth]),
        .. Encoder("text_model", TextWidth, TextLayers),
        .. Norm("text_model.final_layer_norm", TextWidth),
        ("text_projection.weight", [Projection, TextWidth]),
        ("vision_model.embeddings.class_embedding", [Width]),
        ("vision_model.embeddings.patch_embedding.weight", [Width, 3, Patch, Patch]),
        ("vision_model.embeddings.position_embedding.weight", [Tokens, Width]),
        .. Norm("vision_model.pre_layrnorm", Width),
        .. Encoder("vision_model", Width, Layers),
        .. Norm("vision_model.post_layernorm", Width),
        ("visual_projection.weight", [Projection, Width]),
    ];

    private static IEnumerable<(string, long[])> Encoder(string model, int width, int layers) => Enumerable.Range(0, layers).Select(layer => $"{model}.encoder.layers.{layer}").SelectMany(at =>
        ((string, long[])[])
        [
            .. ((string[])["q_proj", "k_proj", "v_proj", "out_proj"]).SelectMany(name => Linear($"{at}.self_attn.{name}", width, width)),
            .. Linear($"{at}.mlp.fc1", width, 4 * width), .. Linear($"{at}.mlp.fc2", 4 * width, width), .. Norm($"{at}.layer_norm1", width), .. Norm($"{at}.layer_norm2", width),
        ]);

    private static (string, long[])[] Linear(string name, long from, long to) => [($"{name}.weight", [to, from]), ($"{name}.bias", [to])];

    private static (string, long[])[] Norm(string name, long width) => [($"{name}.weight", [width]), ($"{name}.bias", [width])];

    // per layer: four projections and the two of the feed-forward part, 12 width² per token; scores and their sums, 2 tokens · width per token
    private static double Gflop(double tokens, double width, int layers) => 2e-9 * layers * tokens * ((12 * width * width) + (2 * tokens * width));
}
