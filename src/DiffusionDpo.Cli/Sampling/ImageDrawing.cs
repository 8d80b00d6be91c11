using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Places;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Pipelines;
using static TorchSharp.torch;

namespace DiffusionDpo.Cli.Sampling;

/// <summary>Images to draw and where to put them.</summary>
internal sealed record ImageDrawing
{
    /// <summary>A model directory.</summary>
    public required string Model { get; init; }

    /// <summary>What to draw.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    /// <summary>What guidance leads away from; null: from no prompt.</summary>
    public required string? NegativePrompt { get; init; }

    /// <summary>The PNG; several are numbered.</summary>
    public required string Output { get; init; }

    /// <summary>Images per prompt.</summary>
    public required int Count { get; init; }

    /// <summary>Sampler steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Strength of guidance.</summary>
    public required double GuidanceScale { get; init; }

    /// <summary>The sampler's name.</summary>
    public required string Sampler { get; init; }

    /// <summary>Seed of the starting noise.</summary>
    public required long Seed { get; init; }

    /// <summary>Pixels; null: the model's own size.</summary>
    public required int? Width { get; init; }

    /// <summary>Pixels; null: the model's own size.</summary>
    public required int? Height { get; init; }

    /// <summary>A refiner that takes the last steps; null: none.</summary>
    public required string? Refiner { get; init; }

    /// <summary>Share of the noise levels that are done before the refiner.</summary>
    public required double RefinerStart { get; init; }

    /// <summary>A file of low-rank adapters for the model's UNet; null: none.</summary>
    public required string? Lora { get; init; }

    /// <summary>The adapters' changes are multiplied by it.</summary>
    public required double LoraScale { get; init; }

    /// <summary>Where the networks compute.</summary>
    public required Device Device { get; init; }

    /// <summary>Draws them one after another.</summary>
    /// <returns>The files, each as soon as it is written.</returns>
    public IEnumerable<string> Draw()
    {
        if (Count < 1 || Steps < 1) throw new RunException(ExitClass.UserError, "--count and --steps: give 1 or more");
        if (RefinerStart is not (>= 0 and <= 1)) throw new RunException(ExitClass.UserError, "--refiner-start: give a share from 0 to 1");
        if (!double.IsFinite(LoraScale)) throw new RunException(ExitClass.UserError, "--lora-scale: give a number");
        if (!double.IsFinite(GuidanceScale)) throw new RunException(ExitClass.UserError, "--guidance-scale: give a number");
        RefuseAdaptersOfAnother();
        if (Directory.Exists(Output)) throw new RunException(ExitClass.UserError, $"--output: {Output} is a directory; name the PNG file");
        ParentDirectory.Make(Output, "--output");
        using StableDiffusionPipeline pipeline = StableDiffusionPipeline.Load(Model, Device);
        using LoraAdapters? adapters = Lora is null ? null : LoraFile.Attach(Lora, pipeline.UNet, baseHash: null, LoraScale);
        using StableDiffusionPipeline? refiner = Refiner is null ? null : StableDiffusionPipeline.Load(Refiner, Device);
        Refinement? refinement = refiner is null ? null : new(refiner, RefinerStart);
        for (int image = 0; image < Prompts.Count * Count; image++)
        {
            string path = Prompts.Count * Count == 1 ? Output : Numbered(image + 1);
            byte[] png = ImageEncoder.Png(DrawOne(pipeline, refinement, Prompts[image / Count], image % Count));
            DurableFile.Write(path, file => file.Write(png));
            yield return path;
        }
    }

    // before anything is loaded
    private void RefuseAdaptersOfAnother()
    {
        if (Lora is null) return;
        using LoraDocument document = LoraDocument.Open(Lora);
        document.RefuseUnlessOf(ModelDirectory.Open(Model));
    }

    private RgbImage DrawOne(StableDiffusionPipeline pipeline, Refinement? refinement, string prompt, int index)
    {
        SampleRequest request = new()
        {
            Prompts = [prompt],
            NegativePrompt = NegativePrompt,
            Steps = Steps,
            GuidanceScale = GuidanceScale,
            Sampler = Sampler,
            Width = Width ?? pipeline.ImageSize,
            Height = Height ?? pipeline.ImageSize,
        };
        return NumberedNoise.Draw(pipeline, request, Seed, index, refinement);
    }

    private string Numbered(int number) =>
        Path.Combine(Path.GetDirectoryName(Output) ?? "", $"{Path.GetFileNameWithoutExtension(Output)}-{number}{Path.GetExtension(Output)}");
}
