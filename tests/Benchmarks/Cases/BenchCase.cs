using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionDpo.Api.Options;

namespace Benchmarks.Cases;

/// <summary>One training step to measure: a network, the size of a batch, and how often.</summary>
/// <param name="Name">As the reference's figures name it.</param>
/// <param name="UNet">A <c>unet/config.json</c>.</param>
/// <param name="LatentHw">Height and width of the latents.</param>
/// <param name="Pairs">Pairs in a batch.</param>
/// <param name="Warmup">Steps before the measured ones.</param>
/// <param name="Steps">Measured steps.</param>
internal sealed record BenchCase(string Name, JsonObject UNet, long[] LatentHw, int Pairs, int Warmup, int Steps)
{
    private const string CommonEntry = "common";

    public int TextLength { get; private init; }

    public double Beta { get; private init; }

    public double MaxGradNorm { get; private init; }

    /// <summary>Whether activations are computed again in the backward pass.</summary>
    public bool Checkpointing { get; init; }

    /// <summary>What the networks compute in.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    public long TextWidth => UNet["cross_attention_dim"]!.GetValue<long>();

    /// <summary>All cases that the benchmark knows, in the order of the file.</summary>
    public static IReadOnlyList<BenchCase> All { get; } = Read(Path.Combine(AppContext.BaseDirectory, "Cases", "bench_configs.json"));

    public static BenchCase Named(string name) => All.Single(each => each.Name == name);

    private static List<BenchCase> Read(string path)
    {
        JsonObject file = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        JsonNode common = file[CommonEntry]!;
        return [.. file.Where(entry => entry.Key != CommonEntry).Select(entry => Read(entry.Key, entry.Value!, common))];
    }

    private static BenchCase Read(string name, JsonNode entry, JsonNode common) => new(
        name,
        entry["unet"]!.AsObject(),
        entry["latent_hw"].Deserialize<long[]>()!,
        entry["pairs"]!.GetValue<int>(),
        entry["warmup"]!.GetValue<int>(),
        entry["steps"]!.GetValue<int>())
    {
        TextLength = common["text_len"]!.GetValue<int>(),
        Beta = common["beta"]!.GetValue<double>(),
        MaxGradNorm = common["max_grad_norm"]!.GetValue<double>(),
    };
}
