using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;

namespace DiffusionDpo.Training.Memory;

/// <summary>A change of a run file that takes less memory.</summary>
/// <param name="Option">As a fine-tune has it, such as <c>optimizer.type: adafactor</c>.</param>
/// <param name="Apply">The change; null where the run has it already.</param>
internal sealed record Remedy(Func<RunFile, string> Option, Func<RunFile, RunFile?> Apply)
{
    private const int FewPairs = 8;

    /// <summary>All of them: the first change nothing of the result, then rounding, then the update rule, and last what is trained.</summary>
    public static IReadOnlyList<Remedy> All { get; } =
    [
        new(_ => $"data.prefetchPairs: {FewPairs}", file => file.Data.PrefetchPairs <= FewPairs ? null : file with { Data = file.Data with { PrefetchPairs = FewPairs } }),
        new(
            _ => "training.gradientCheckpointing: blocks",
            file => file.Training.GradientCheckpointing == GradientCheckpointing.Blocks ? null : With(file, file.Training with { GradientCheckpointing = GradientCheckpointing.Blocks })),
        new(file => $"training.microBatch: {Smaller(file)}", file => Smaller(file) is { } size ? With(file, file.Training with { MicroBatch = size }) : null),
        new(
            _ => "training.precision: bf16",
            file => file.Training.Precision == Precision.BFloat16 ? null : With(file, file.Training with { Precision = Precision.BFloat16 })),
        new(
            _ => "optimizer.type: adafactor",
            file => file.Optimizer.Type == OptimizerType.Adafactor ? null : file with { Optimizer = file.Optimizer with { Type = OptimizerType.Adafactor } }),
        new(_ => "adapter.type: lora", file => file.Adapter.Type == AdapterType.Lora ? null : file with { Adapter = file.Adapter with { Type = AdapterType.Lora } }),
    ];

    private static RunFile With(RunFile file, TrainingOptions training) => file with { Training = training };

    // One pair at a time always divides the batch.
    private static int? Smaller(RunFile file) => file.Training.MicroBatch > 1 ? 1 : null;
}
