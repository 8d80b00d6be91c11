using DiffusionDpo.Api.Options;
using DiffusionDpo.Training.Memory;

namespace DiffusionDpo.Cli.Display;

/// <summary>A memory plan as lines of at most 47 characters.</summary>
internal static class MemoryTable
{
    private const int Left = 34;
    private const int Right = 10;

    /// <summary>The total, then every part that takes something.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="available">What there is; null: unknown.</param>
    public static IEnumerable<string> Lines(MemoryPlan plan, long? available)
    {
        yield return $"about {ByteCount.Of(plan.Total)}{(available is { } there ? $" of {ByteCount.Of(there)}" : "")} (estimated)";
        (string What, long Size)[] parts =
        [
            ("program", plan.Program), ("text encoders, autoencoder", plan.FrozenParts), ("base UNet", plan.BaseUNet), ("trained weights (fp32)", plan.MasterWeights),
            ("their copy in bf16", plan.NetworkWeights), ("gradients", plan.Gradients), ("optimizer", plan.OptimizerState), ("average of the weights", plan.Average),
            ("reference", plan.Reference), ("pairs read ahead", plan.Pairs),
        ];
        foreach ((string what, long size) in parts.Where(part => part.Size > 0)) yield return Line(what, size);
        yield return Line("gradient checkpointing", plan.Checkpointing == GradientCheckpointing.Blocks ? "blocks" : "none");
        (string What, long Size)[] passes = plan.Activations + plan.Passes >= plan.Update
            ? [("activations kept", plan.Activations), ("forward and backward pass", plan.Passes)]
            : [("update of the weights", plan.Update)];
        (string What, long Size) encoding = ("encoding of images", plan.Encoding);
        bool hasBoth = !plan.ReusesMemory, isLarger = plan.Encoding == plan.Step;
        foreach ((string what, long size) in (hasBoth ? [.. passes, encoding] : isLarger ? [encoding] : passes).Where(part => part.Size > 0)) yield return Line(what, size);
        if (plan.Preparing > plan.Lasting + plan.Step) yield return Line("while images are prepared", plan.Preparing);
        if (plan.Loading > plan.Needed) yield return Line("while loading, files included", plan.Loading);
    }

    private static string Line(string what, long size) => Line(what, ByteCount.Of(size));

    private static string Line(string what, string value) => what.PadRight(Left) + value.PadLeft(Right);
}
