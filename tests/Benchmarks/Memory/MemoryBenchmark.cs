using Benchmarks.Measuring;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Memory;
using DiffusionDpo.Training.Runs;

namespace Benchmarks.Memory;

/// <summary>What runs have resident at most, beside what the memory plan says before they begin.</summary>
internal static class MemoryBenchmark
{
    private const string Part = "memory";
    private const double Limit = 0.10;

    /// <summary>It.</summary>
    public static Benchmark Benchmark { get; } = new("memory", "runs of a few steps beside their memory plans (an hour)", () =>
    {
        MemoryFigure[] all = [.. Run()];
        return new(all, output => Write(output, all));
    })
    {
        Parts = new Dictionary<string, Func<string[], object>> { [Part] = arguments => Measure(arguments[0]) },
    };

    private static IEnumerable<MemoryFigure> Run()
    {
        string directory = Directory.CreateTempSubdirectory("ddpo-memory-").FullName;
        try
        {
            foreach (MemoryCase each in MemoryCase.All)
            foreach ((string name, RunFile file) in Variants(each.Prepare(Repository.Root, directory)))
            {
                string path = Path.Combine(directory, "run.json");
                File.WriteAllText(path, file.ToJson());
                double planned = MemoryPlanner.Of(file, ModelOutline.Read(file.Model.Source)).Total / (double)(1 << 20);
                MemoryFigure figure = new($"{each.Name}, {name}", planned, ChildProcess.MeasurePart<double>(1, Part, path));
                Console.Error.WriteLine(figure.Row); // an hour is long, and may be cut short
                yield return figure;
                Directory.Delete(Path.Combine(directory, "out"), recursive: true);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static IEnumerable<(string Name, RunFile File)> Variants(RunFile plain) =>
        from adapter in (AdapterType[])[AdapterType.None, AdapterType.Lora]
        from precision in (Precision[])[Precision.Float32, Precision.BFloat16]
        from checkpointing in (GradientCheckpointing[])[GradientCheckpointing.None, GradientCheckpointing.Blocks]
        from optimizer in (OptimizerType[])[OptimizerType.AdamW, OptimizerType.Adafactor]
        select ($"{(adapter == AdapterType.Lora ? "LoRA" : "all weights")}, {(precision == Precision.Float32 ? "fp32" : "bf16")}, {checkpointing}, {optimizer}".ToLowerInvariant(), plain with
        {
            Adapter = plain.Adapter with { Type = adapter }, Optimizer = plain.Optimizer with { Type = optimizer },
            Training = plain.Training with { Precision = precision, GradientCheckpointing = checkpointing },
        });

    private static double Measure(string path)
    {
        _ = TrainingRun.Execute(RunFile.Parse(File.ReadAllText(path)), new(), CancellationToken.None);
        return ResidentMemory.PeakMebibytes();
    }

    private static void Write(TextWriter output, MemoryFigure[] all)
    {
        output.WriteLine("| run | planned, MiB | most resident, MiB | plan is off by |");
        output.WriteLine("|---|---|---|---|");
        foreach (MemoryFigure each in all) output.WriteLine(each.Row);
        output.WriteLine();
        output.WriteLine($"{all.Count(each => Math.Abs(each.Off) <= Limit)} of {all.Length} within {100 * Limit:F0} %; {100 * all.Min(each => each.Off):F0} % to {100 * all.Max(each => each.Off):F0} %");
    }
}

/// <summary>A run's memory.</summary>
/// <param name="Run">Which.</param>
/// <param name="Planned">By its plan, MiB.</param>
/// <param name="Resident">At most, measured, MiB.</param>
internal sealed record MemoryFigure(string Run, double Planned, double Resident)
{
    /// <summary>How far the plan is from it, as a share of what was measured.</summary>
    public double Off => (Planned / Resident) - 1;

    /// <summary>As a row of the table.</summary>
    public string Row => $"| {Run} | {Planned:F0} | {Resident:F0} | {100 * Off:+0;−0;0} % |";
}
