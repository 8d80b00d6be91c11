using Benchmarks.Measuring;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Training.Memory;
using DiffusionDpo.Training.Runs;

namespace Benchmarks.Memory;

/// <summary>What runs have resident at most, beside what the memory plan says before they begin.</summary>
internal static class MemoryBenchmark
{
    /// <summary>Its name among the cases.</summary>
    public const string Name = "memory";

    /// <summary>The option by which this program tells itself to train as a run file says and print the peak.</summary>
    public const string MeasureOption = "--measure-memory";

    /// <summary>Trains in this process.</summary>
    /// <param name="path">The run file.</param>
    public static double Measure(string path)
    {
        RunFile file = RunFile.Parse(File.ReadAllText(path));
        bool traces = Environment.GetEnvironmentVariable("TRACE_MEMORY") == "1";
        TrainingHost host = new() { Time = traces ? new Looking() : TimeProvider.System, OnEvent = happened => { if (traces) Console.Error.WriteLine($"{happened.GetType().Name} now {ResidentMemory.Mebibytes():F0} peak {ResidentMemory.PeakMebibytes():F0}"); } };
        _ = TrainingRun.Execute(file, host, CancellationToken.None);
        return ResidentMemory.PeakMebibytes();
    }

    public static void Compare(string pattern)
    {
        foreach (string path in Directory.GetFiles(Path.GetDirectoryName(pattern)!, Path.GetFileName(pattern)).Order(StringComparer.Ordinal))
        {
            RunFile file = RunFile.Parse(File.ReadAllText(path));
            MemoryPlan p = MemoryPlanner.Of(file, ModelOutline.Read(file.Model.Source));
            long M(long b) => b >> 20;
            Console.WriteLine($"{Path.GetFileNameWithoutExtension(path)} {M(p.Total)} L{M(p.Loading)} = prog {M(p.Program)} frozen {M(p.FrozenParts)} base {M(p.BaseUNet)} master {M(p.MasterWeights)} net {M(p.NetworkWeights)} grad {M(p.Gradients)} opt {M(p.OptimizerState)} ref {M(p.Reference)} pairs {M(p.Pairs)} | act {M(p.Activations)} pass {M(p.Passes)} enc {M(p.Encoding)} upd {M(p.Update)}");
        }
    }

    public static void Prepare(string directory)
    {
        string repository = Directory.GetCurrentDirectory();
        foreach (MemoryCase each in MemoryCase.All)
        {
            RunFile plain = each.Prepare(repository, directory);
            foreach (AdapterType adapter in new[] { AdapterType.None, AdapterType.Lora })
            foreach (Precision precision in new[] { Precision.Float32, Precision.BFloat16 })
            foreach (GradientCheckpointing checkpointing in new[] { GradientCheckpointing.None, GradientCheckpointing.Blocks })
            foreach (OptimizerType optimizer in new[] { OptimizerType.AdamW, OptimizerType.Adafactor })
            {
                RunFile file = plain with
                {
                    Adapter = plain.Adapter with { Type = adapter }, Optimizer = plain.Optimizer with { Type = optimizer },
                    Training = plain.Training with { Precision = precision, GradientCheckpointing = checkpointing },
                    Output = new() { Uri = Path.Combine(directory, "out") },
                };
                string name = $"{each.Name.Replace(", ", "-").Replace(' ', '-')}-{adapter}-{precision}-{checkpointing}-{optimizer}.json".ToLowerInvariant();
                File.WriteAllText(Path.Combine(directory, name), file.ToJson());
            }
        }
    }

    private sealed class Looking : TimeProvider
    {
        public override long GetTimestamp()
        {
            Console.Error.WriteLine($"clock now {ResidentMemory.Mebibytes():F0} peak {ResidentMemory.PeakMebibytes():F0}");
            return base.GetTimestamp();
        }
    }
}
