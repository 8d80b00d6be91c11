using System.Text.Json;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Storage;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Cli.Sampling;

/// <summary>What base and fine-tuned model draw from the same noise: the directory <c>samples</c> of a run.</summary>
internal static class SampleSheet
{
    /// <summary>Prompts of the images, in order: a JSON list of strings.</summary>
    public const string PromptsName = "prompts.json";

    private const int MostPairsLookedAt = 256;

    /// <summary>Where a run's samples are.</summary>
    /// <param name="runDirectory">The run's directory.</param>
    public static string PlaceIn(string runDirectory) => Path.Combine(runDirectory, "samples");

    /// <summary>File of an image.</summary>
    /// <param name="index">From 0.</param>
    /// <param name="isAfter">Drawn by the fine-tuned model.</param>
    public static string NameOf(int index, bool isAfter) => $"{index + 1:000}-{(isAfter ? "after" : "before")}.png";

    /// <summary>Draws a run's samples; leaves those that are there already.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="models">The base model's directory and that of the exported one.</param>
    /// <param name="runDirectory">The run's directory.</param>
    /// <returns>Where they are; null where none were asked for.</returns>
    public static string? Draw(RunFile file, (string Before, string After) models, string runDirectory)
    {
        string target = PlaceIn(runDirectory);
        if (file.Evaluation.Samples.Count == 0) return null;
        if (Directory.Exists(target)) return target;
        IReadOnlyList<string> known = Prompts(file);
        string[] prompts = [.. Enumerable.Range(0, file.Evaluation.Samples.Count).Select(i => known[i % known.Count])];
        DurableDirectory.Write(target, into =>
        {
            Draw(models.Before, isAfter: false);
            Draw(models.After, isAfter: true);
            File.WriteAllText(Path.Combine(into, PromptsName), JsonSerializer.Serialize(prompts));

            void Draw(string directory, bool isAfter)
            {
                using StableDiffusionPipeline pipeline = StableDiffusionPipeline.Load(directory, ComputeDevices.Use(file.Training));
                foreach ((int index, string prompt) in prompts.Index())
                {
                    SampleRequest request = Request(pipeline, prompt, file.Evaluation.Samples);
                    File.WriteAllBytes(Path.Combine(into, NameOf(index, isAfter)), ImageEncoder.Png(NumberedNoise.Draw(pipeline, request, file.Training.Seed, index)));
                }
            }
        });
        return target;
    }

    private static SampleRequest Request(StableDiffusionPipeline pipeline, string prompt, SampleOptions options) => new()
    {
        Prompts = [prompt],
        Steps = options.Steps,
        GuidanceScale = options.GuidanceScale,
        Sampler = "ddim",
        Width = pipeline.ImageSize,
        Height = pipeline.ImageSize,
    };

    private static IReadOnlyList<string> Prompts(RunFile file)
    {
        SampleOptions options = file.Evaluation.Samples;
        if (options.Prompts.Count > 0) return options.Prompts;
        Stores stores = Stores.Of(file.Storage);
        PairManifest manifest = PairManifest.Scan(stores, file.Data.HeldOut.Count > 0 ? file.Data.HeldOut : file.Data.Sources, file.Data.BadShards);
        using PairLoader loader = PairLoader.HeldOut(manifest, stores, new PairLoaderSettings { Data = file.Data, Seed = file.Training.Seed });
        return
        [
            .. Enumerable.Range(0, Math.Min(manifest.Pairs, MostPairsLookedAt)).Select(_ => loader.Next(CancellationToken.None))
                .Where(pair => pair.Weight > 0).Select(pair => pair.Prompt).Distinct(StringComparer.Ordinal).Take(options.Count),
        ];
    }
}
