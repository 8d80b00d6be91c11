using System.Text.Json;
using System.Text.Json.Serialization;

namespace Benchmarks.Cases;

/// <summary>What the Python reference took for the same step, on another day of the same kind of machine.</summary>
internal sealed record ReferenceFigures
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    [JsonPropertyName("case")] public required string Name { get; init; }

    public required int Threads { get; init; }

    public required double MedianStepS { get; init; }

    public required double BestStepS { get; init; }

    public required double BestCpuSPerStep { get; init; }

    public required double PeakRssMib { get; init; }

    public static IReadOnlyList<ReferenceFigures> All { get; } = JsonSerializer.Deserialize<List<ReferenceFigures>>(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Cases", "bench_result.json")), Options)!;

    public static ReferenceFigures? For(string name, int threads) => All.SingleOrDefault(each => each.Name == name && each.Threads == threads);
}
