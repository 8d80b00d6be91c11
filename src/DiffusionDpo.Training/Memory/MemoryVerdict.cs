using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Training.Runs;
using TorchSharp;

namespace DiffusionDpo.Training.Memory;

/// <summary>A run's plan beside what there is.</summary>
/// <param name="File">The run file, with <c>training.gradientCheckpointing: auto</c> decided.</param>
/// <param name="Plan">What is needed, estimated.</param>
/// <param name="Model">What it was planned from.</param>
/// <param name="Device">Where the networks compute.</param>
/// <param name="Available">What this process, or on a GPU everyone, may have of the device's memory; null where that is unknown.</param>
public sealed record MemoryVerdict(RunFile File, MemoryPlan Plan, ModelOutline Model, DeviceType Device, long? Available)
{
    // How far off the estimate may be, docs/benchmarks.md: what is refused does not fit even then.
    private const double Doubt = 0.15;

    private const double Close = 0.9;

    /// <summary>Whether the run may load a reference.</summary>
    public bool HasReference { get; init; } = true;

    /// <summary>Whether it does not fit even if the estimate is as far too high as it may be. Never on a GPU, whose figures are not measured.</summary>
    public bool IsTooMuch => Device == DeviceType.CPU && Available is { } there && Plan.Needed * (1 - Doubt) > there;

    /// <summary>Whether it may not fit.</summary>
    public bool IsClose => Available is { } there && Plan.Needed > Close * there;

    /// <summary>Plans a run.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="source">The base model's directory on this machine.</param>
    /// <param name="available">What there is; null: it is looked up.</param>
    /// <param name="hasReference">Whether it may load a reference; one that knows all of its errors loads none.</param>
    /// <exception cref="RunException">The model cannot be read.</exception>
    public static MemoryVerdict Of(RunFile file, string source, long? available = null, bool hasReference = true)
    {
        DeviceType device = ComputeDevices.Of(file.Training).type;
        return Of(file, ModelOutline.Read(source), device, available ?? (device == DeviceType.CPU ? AvailableMemory.OfThisProcess() : GpuMemory.Total()), hasReference);
    }

    /// <summary>Refuses a run that does not fit.</summary>
    /// <exception cref="RunException">Configuration error: too little memory; the message names the options that would make it fit.</exception>
    public void RefuseIfTooMuch()
    {
        if (IsTooMuch) throw new RunException(ExitClass.ConfigurationError, $"memory: {Shortage()}; --ignore-memory-plan starts it nevertheless");
    }

    /// <summary>What is needed, what is there, and what would make it fit.</summary>
    public string Shortage()
    {
        string needed = $"about {ByteCount.Of(Plan.Needed)} are needed and {ByteCount.Of(Available ?? 0)} are there";
        return Fitting() is { } fit ? $"{needed}; {fit.Options} would need {ByteCount.Of(fit.Needed)}" : $"{needed}; lower data.resolution, choose a smaller model, or more memory: no other option makes it fit";
    }

    /// <summary>Plans a run for a device. With <c>auto</c> activations are kept where that fits, or where computing them again would save nothing.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="model">Its model.</param>
    /// <param name="device">Where the networks compute.</param>
    /// <param name="available">What there is; null: that is unknown, and taken to be enough.</param>
    /// <param name="hasReference">Whether it may load a reference.</param>
    internal static MemoryVerdict Of(RunFile file, ModelOutline model, DeviceType device, long? available, bool hasReference = true)
    {
        if (file.Training.GradientCheckpointing != GradientCheckpointing.Auto) return With(file.Training.GradientCheckpointing);
        MemoryVerdict plain = With(GradientCheckpointing.None);
        if (!plain.IsClose) return plain;
        MemoryVerdict checkpointed = With(GradientCheckpointing.Blocks);
        return checkpointed.Plan.Needed < plain.Plan.Needed ? checkpointed : plain;

        MemoryVerdict With(GradientCheckpointing choice)
        {
            RunFile decided = file with { Training = file.Training with { GradientCheckpointing = choice } };
            return new(decided, PlanOf(decided, model, device, hasReference), model, device, available) { HasReference = hasReference };
        }
    }

    // The first option that is enough alone, else as many as it takes, from the harmless on.
    private (string Options, long Needed)? Fitting()
    {
        foreach (Remedy remedy in Remedy.All)
            if (remedy.Apply(File) is { } changed && Needed(changed) is var needed && needed <= Available * Close) return (remedy.Option(File), needed);

        List<string> options = [];
        RunFile all = File;
        foreach (Remedy remedy in Remedy.All)
        {
            if (remedy.Apply(all) is not { } changed) continue;
            options.Add(remedy.Option(all));
            all = changed;
            if (Needed(all) is var needed && needed <= Available * Close) return (string.Join(", ", options), needed);
        }

        return null;

        long Needed(RunFile changed) => PlanOf(changed, Model, Device, HasReference).Needed;
    }

    private static MemoryPlan PlanOf(RunFile file, ModelOutline model, DeviceType device, bool hasReference) =>
        MemoryPlanner.Of(file, model, device) is var plan && hasReference ? plan : plan.WithoutReference();
}
