using System.Diagnostics;
using Benchmarks.Cases;
using DiffusionDpo.Training.Steps;
using static TorchSharp.torch;

namespace Benchmarks.Measuring;

/// <summary>Measures one case in this process, which should do nothing else: threads and peak memory belong to the process.</summary>
internal static class Measurement
{
    public static Figures Of(BenchCase bench, int threads)
    {
        set_num_threads(threads);
        double before = ResidentMemory.PeakMebibytes();
        var step = new StepUnderTest(bench);
        for (int i = 0; i < bench.Warmup; i++) _ = step.Run();
        double building = ResidentMemory.PeakMebibytes();
        ResidentMemory.Settle();
        double settled = ResidentMemory.Mebibytes();
        Sample[] samples = [.. Enumerable.Range(0, bench.Steps).Select(_ => Timed(step))];
        double peak = ResidentMemory.PeakMebibytes(); // before the operators are observed: their arguments are held for good
        return new()
        {
            Case = bench.Name,
            Threads = threads,
            Parameters = step.ParameterCount,
            StepSeconds = [.. samples.Select(sample => sample.Wall.TotalSeconds)],
            CpuSeconds = [.. samples.Select(sample => sample.Cpu.TotalSeconds)],
            PhaseMilliseconds = Enum.GetValues<StepPhase>().ToDictionary(phase => phase, phase => MedianMilliseconds(samples, phase)),
            MebibytesBefore = before,
            PeakMebibytes = Math.Max(building, peak),
            ActivationMebibytes = peak - settled,
            Operators = OperatorMeasurement.Of(step),
        };
    }

    private static double MedianMilliseconds(Sample[] samples, StepPhase phase) =>
        Statistics.Median(samples.Select(sample => sample.Report.Phases[(int)phase].TotalMilliseconds));

    private static Sample Timed(StepUnderTest step)
    {
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        long startedAt = Stopwatch.GetTimestamp();
        StepReport report = step.Run();
        return new(report, Stopwatch.GetElapsedTime(startedAt), Environment.CpuUsage.TotalTime - cpuBefore);
    }

    private sealed record Sample(StepReport Report, TimeSpan Wall, TimeSpan Cpu);
}
