using System.Diagnostics;
using Benchmarks.Measuring;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Models.Scorers;
using static TorchSharp.torch;

namespace Benchmarks.Scoring;

/// <summary>How fast a scorer of the published sizes scores: preparation of images, images, prompts.</summary>
internal static class ScoreBenchmark
{
    /// <summary>It.</summary>
    public static Benchmark Benchmark { get; } = new("score", "scorers of the published sizes", () =>
    {
        ScoreFigures[] all = [.. ClipSize.All.Select(Run)];
        return new(all, output => ScoreTable.Write(output, all));
    });

    private const int Side = 512;
    private const int Edge = 2048;
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(4);

    /// <summary>Measures a model; its files are removed at the end.</summary>
    private static ScoreFigures Run(ClipSize size)
    {
        string directory = Directory.CreateTempSubdirectory("ddpo-score-").FullName;
        try
        {
            size.Write(Path.Combine(directory, "model"));
            double raw = RawGflops(), before = ResidentMemory.Mebibytes();
            using Scorer scorer = Scorer.Load(new(ScorerType.PickScore, Path.Combine(directory, "model")));
            byte[] encoded = ImageEncoder.Jpeg(Picture());
            float[] pixels = scorer.Preprocess(ImageDecoder.Decode(encoded));
            using Tensor image = tensor(pixels, [scorer.BatchSize, 3, size.ImageSize, size.ImageSize]);
            string[] prompts = [.. Enumerable.Repeat("a painting of a red fox in the snow, highly detailed", scorer.BatchSize)];
            double images = scorer.BatchSize * PerSecond(() => scorer.EmbedImages(image).Dispose());
            double texts = scorer.BatchSize * PerSecond(() => scorer.EmbedPrompts(prompts).Dispose());
            double prepared = PerSecond(() => scorer.Preprocess(ImageDecoder.Decode(encoded)));
            return new(size.Name, prepared, images, texts, images * size.GflopPerImage, raw, ResidentMemory.Mebibytes() - before);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static double RawGflops()
    {
        using Tensor a = randn(Edge, Edge), b = randn(Edge, Edge);
        return 2e-9 * Edge * Edge * Edge * PerSecond(() => a.mm(b).Dispose());
    }

    private static double PerSecond(Action action)
    {
        action();
        long started = Stopwatch.GetTimestamp();
        int count = 0;
        do
        {
            action();
            count++;
        }
        while (Stopwatch.GetElapsedTime(started) < Least);
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static RgbImage Picture() => new([.. Enumerable.Range(0, Side * Side * 3).Select(i => (byte)((i / 3 % Side / 2) + (i / 3 / Side / 8 * 7) + (i * i % 11)))], Side, Side);
}
