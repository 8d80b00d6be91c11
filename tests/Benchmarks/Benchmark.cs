using Benchmarks.Loading;
using Benchmarks.Memory;
using Benchmarks.Preparing;
using Benchmarks.Scoring;
using Benchmarks.Streaming;
using Benchmarks.Uploading;

namespace Benchmarks;

/// <summary>Something that is measured beside the training step.</summary>
/// <param name="Name">Its name among the cases.</param>
/// <param name="Description">For the help.</param>
/// <param name="Run">Measures.</param>
internal sealed record Benchmark(string Name, string Description, Func<BenchmarkResult> Run)
{
    /// <summary>What it measures in processes of their own, by name, from arguments.</summary>
    public IReadOnlyDictionary<string, Func<string[], object>> Parts { get; init; } = new Dictionary<string, Func<string[], object>>();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        LoadBenchmark.Benchmark, DataBenchmark.Benchmark, PreparedBenchmark.Benchmark, ScoreBenchmark.Benchmark, UploadBenchmark.Benchmark, MemoryBenchmark.Benchmark, GpuPlans.Benchmark,
    ];
}

/// <summary>What came out.</summary>
/// <param name="Figures">For machines.</param>
/// <param name="Write">For people: a table in Markdown.</param>
internal sealed record BenchmarkResult(object Figures, Action<TextWriter> Write);
