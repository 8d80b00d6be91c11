using System.Globalization;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Memory;
using TorchSharp;

namespace Benchmarks.Memory;

/// <summary>What the memory plan says of the published models on a GPU. Nothing is loaded or measured, and no GPU is needed.</summary>
internal static class GpuPlans
{
    /// <summary>It.</summary>
    public static Benchmark Benchmark { get; } = new("gpu-plans", "memory that the published models would take on a GPU, planned and not measured", () =>
    {
        string[] lines = [.. Table()];
        return new(lines, output => { foreach (string line in lines) output.WriteLine(line); });
    });

    private const double Gibi = 1L << 30;
    private const double Usable = 0.9; // cards have a little less than they are sold as, and the plan leaves a tenth free

    private static readonly int[] s_cards = [16, 24, 40, 48, 80, 141];

    /// <summary>The table in Markdown.</summary>
    private static IEnumerable<string> Table()
    {
        yield return "| run | checkpointing | there all the time | step | together | smallest GPU |";
        yield return "|---|---|---|---|---|---|";
        foreach ((string what, ModelFamily family) in (IEnumerable<(string, ModelFamily)>)[("SD1.5 at 512 pixels", ModelFamily.Sd15), ("SDXL at 1024 pixels", ModelFamily.Sdxl)])
        foreach (AdapterType adapter in (AdapterType[])[AdapterType.None, AdapterType.Lora])
        foreach (GradientCheckpointing checkpointing in (GradientCheckpointing[])[GradientCheckpointing.None, GradientCheckpointing.Blocks])
        {
            RunFile file = FileOf(family, adapter, checkpointing);
            MemoryPlan plan = MemoryPlanner.Of(file, Published(family), DeviceType.CUDA);
            string trained = adapter == AdapterType.Lora ? $"LoRA rank {file.Adapter.Rank}" : $"all weights, {file.Optimizer.Type!.Value}";
            yield return $"| {what}, {trained} | {(checkpointing == GradientCheckpointing.Blocks ? "blocks" : "none")} | {GiB(plan.Lasting)} | {GiB(plan.Step)} | **{GiB(plan.Total)}** | {Card(plan.Total)} |";
        }
    }

    private static RunFile FileOf(ModelFamily family, AdapterType adapter, GradientCheckpointing checkpointing) => RunPlan.For(new()
    {
        Metadata = { Name = "plan" },
        Spec = new()
        {
            Model = new() { Family = family, Source = "/model" },
            Data = new() { Sources = [new() { Uri = "/pairs" }] },
            Training = new() { Precision = Precision.BFloat16, GradientCheckpointing = checkpointing },
            Adapter = new() { Type = adapter, Rank = 16 },
            Output = new() { Uri = "/run" },
        },
    }).Stages[0];

    private static ModelOutline Published(ModelFamily family)
    {
        string name = family == ModelFamily.Sdxl ? "sdxl" : "sd15";
        return new()
        {
            UNet = UNetConfig.FromFile(Goldens.Path("inventory", $"{name}.unet.config.json")),
            Autoencoder = AutoencoderConfig.FromFile(Goldens.Path("inventory", $"{name}.vae.config.json")),
            TextEncoders = [.. Directory.GetFiles(Goldens.Path("inventory"), $"{name}.text_encoder*.config.json").Select(ClipTextConfig.FromFile)],
        };
    }

    private static string GiB(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / Gibi:F1} GiB");

    private static string Card(long bytes) => s_cards.Where(card => bytes <= Usable * card * Gibi).Select(card => $"{card} GB").FirstOrDefault("none of these");
}
