using System.Diagnostics;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Shared;
using Science.Mixtures;

namespace Science.Experiments;

/// <summary>What experiments share: Stable Diffusion's noise schedule, the mixture, and the policies that were trained on it.</summary>
public sealed class Laboratory : IDisposable
{
    private readonly Action<string> say;
    private readonly Stopwatch since = Stopwatch.StartNew();
    private readonly Dictionary<RingRun, RingOutcome> outcomes = [];

    /// <param name="say">Takes lines of progress.</param>
    public Laboratory(Action<string> say)
    {
        this.say = say;
        Schedule = NoiseSchedule.Load(Goldens.Path("tiny-sd15"));
        Mixture = new(Schedule);
    }

    public NoiseSchedule Schedule { get; }

    public RingMixture Mixture { get; }

    /// <summary>Says how far an experiment is.</summary>
    public void Say(string line)
    {
        lock (say) say($"{since.Elapsed.TotalSeconds,6:F0} s  {line}");
    }

    /// <summary>Trainings of the mixture, two at a time; one that another experiment needed too is not repeated.</summary>
    public RingOutcome[] Outcomes(IReadOnlyList<RingRun> runs)
    {
        RingRun[] missing = [.. runs.Where(run => !outcomes.ContainsKey(run)).Distinct()];
        foreach ((RingRun run, RingOutcome outcome) in missing.Zip(missing.AsParallel().AsOrdered().WithDegreeOfParallelism(Math.Min(2, Environment.ProcessorCount)).Select(Train).ToArray())) outcomes.Add(run, outcome);
        return [.. runs.Select(run => outcomes[run])];
    }

    public void Dispose() => Schedule.Dispose();

    private RingOutcome Train(RingRun run)
    {
        RingOutcome outcome = RingProcess.Train(run);
        Say($"{run}: slope of ln mass on the reward {outcome.Tilt:F3}");
        return outcome;
    }
}
