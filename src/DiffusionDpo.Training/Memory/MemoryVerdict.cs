using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Training.Runs;
using TorchSharp;

namespace DiffusionDpo.Training.Memory;

/// <summary>A run's plan beside what there is.</summary>
/// <param name="Plan">What is needed, estimated.</param>
/// <param name="Model">What it was planned from.</param>
/// <param name="Available">What this process may have; null where that is unknown, and on a GPU, which is not asked.</param>
public sealed record MemoryVerdict(MemoryPlan Plan, ModelOutline Model, long? Available)
{
    // How far off the estimate may be, docs/benchmarks.md: what is refused does not fit even then.
    private const double Doubt = 0.15;

    private const double Close = 0.9;

    /// <summary>Whether it does not fit even if the estimate is as far too high as it may be.</summary>
    public bool IsTooMuch => Available is { } there && Plan.Needed * (1 - Doubt) > there;

    /// <summary>Whether it may not fit.</summary>
    public bool IsClose => Available is { } there && Plan.Needed > Close * there;

    /// <summary>Plans a run.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="source">The base model's directory on this machine.</param>
    /// <param name="available">What there is; null: it is looked up.</param>
    /// <exception cref="RunException">The model cannot be read.</exception>
    public static MemoryVerdict Of(RunFile file, string source, long? available = null)
    {
        DeviceType device = ComputeDevices.Of(file.Training).type;
        ModelOutline model = ModelOutline.Read(source);
        return new(MemoryPlanner.Of(file, model, device), model, device == DeviceType.CPU ? available ?? AvailableMemory.OfThisProcess() : null);
    }

    /// <summary>Refuses a run that does not fit.</summary>
    /// <param name="file">The run file.</param>
    /// <exception cref="RunException">Configuration error: too little memory; the message names the options that would make it fit.</exception>
    public void RefuseIfTooMuch(RunFile file)
    {
        if (IsTooMuch) throw new RunException(ExitClass.ConfigurationError, $"memory: {Shortage(file)}; --ignore-memory-plan starts it nevertheless");
    }

    /// <summary>What is needed, what is there, and what would make it fit.</summary>
    /// <param name="file">The run file.</param>
    public string Shortage(RunFile file)
    {
        string needed = $"about {ByteCount.Of(Plan.Needed)} are needed and {ByteCount.Of(Available ?? 0)} are there";
        return Fitting(file) is { } fit ? $"{needed}; {fit.Options} would need {ByteCount.Of(fit.Needed)}" : $"{needed}; lower data.resolution, choose a smaller model, or more memory: no other option makes it fit";
    }

    // The first option that is enough alone, else as many as it takes, from the harmless on.
    private (string Options, long Needed)? Fitting(RunFile file)
    {
        foreach (Remedy remedy in Remedy.All)
            if (remedy.Apply(file) is { } changed && Needed(changed) is var needed && needed <= Available * Close) return (remedy.Option(file), needed);

        List<string> options = [];
        RunFile all = file;
        foreach (Remedy remedy in Remedy.All)
        {
            if (remedy.Apply(all) is not { } changed) continue;
            options.Add(remedy.Option(all));
            all = changed;
            if (Needed(all) is var needed && needed <= Available * Close) return (string.Join(", ", options), needed);
        }

        return null;

        long Needed(RunFile changed) => MemoryPlanner.Of(changed, Model, DeviceType.CPU).Needed;
    }
}
