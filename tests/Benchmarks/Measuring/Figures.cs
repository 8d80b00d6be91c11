using System.Text.Json.Serialization;
using DiffusionDpo.Training.Steps;

namespace Benchmarks.Measuring;

/// <summary>What was measured of one case at one number of threads.</summary>
internal sealed record Figures
{
    public required string Case { get; init; }

    public required int Threads { get; init; }

    public required long Parameters { get; init; }

    /// <summary>Seconds of each measured step by the clock.</summary>
    public required double[] StepSeconds { get; init; }

    /// <summary>Processor seconds of each measured step, all threads together; at one thread what the step takes on an idle machine.</summary>
    public required double[] CpuSeconds { get; init; }

    /// <summary>Median milliseconds of each phase.</summary>
    public required IReadOnlyDictionary<StepPhase, double> PhaseMilliseconds { get; init; }

    /// <summary>Largest resident memory of the process before the networks exist, and after the measured steps.</summary>
    public required double MebibytesBefore { get; init; }

    public required double PeakMebibytes { get; init; }

    /// <summary>What the measured steps need besides what lives from step to step: activations, and what is computed from them.</summary>
    public required double ActivationMebibytes { get; init; }

    public required OperatorFigures Operators { get; init; }

    [JsonIgnore] public double MedianStep => Statistics.Median(StepSeconds);

    [JsonIgnore] public double BestStep => StepSeconds.Min();

    [JsonIgnore] public double BestCpu => CpuSeconds.Min();

    /// <summary>
    /// Σ over the step's operators of the operator's fastest call alone, over the fastest step: at one thread by processor time, which
    /// other processes disturb least.
    /// </summary>
    public double KernelShare => Operators.AloneSeconds / (Threads == 1 ? BestCpu : BestStep);
}
