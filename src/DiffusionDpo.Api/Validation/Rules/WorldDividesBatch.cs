using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>
/// Every rank does the same number of equal micro-batches per step. 2048 pairs are what every preset has; an elastic run must fit its
/// smallest world.
/// </summary>
internal static class WorldDividesBatch
{
    public const string Path = "training.globalBatch";
    // Bounds do not stop the API server from evaluating rules, and a division by zero would be an error of its own.
    public const string Cel =
        $"self.training.microBatch < 1 || {Workers} < 1 || (has(self.training.globalBatch) ? self.training.globalBatch : 2048) % " +
        $"({Workers} * (self.workers.gpusPerWorker > 0 ? self.workers.gpusPerWorker : 1) * self.training.microBatch) == 0";
    public const string Message =
        "is not divisible by workers × GPUs per worker × training.microBatch (2048 where not given) — change one of them";

    private const string Workers = "(has(self.workers.min) ? self.workers.min : self.workers.count)";

    public static readonly FineTuneRule Rule = new(Path, Cel, Message, Holds);

    private static bool Holds(DpoFineTuneSpec spec)
    {
        long workers = spec.Workers.Min ?? spec.Workers.Count;
        // Less than one is out of bounds and reported as such.
        if (workers < 1 || spec.Training.MicroBatch < 1) return true;
        var pairs = (Int128)workers * Math.Max(1, spec.Workers.GpusPerWorker) * spec.Training.MicroBatch;
        return (spec.Training.GlobalBatch ?? 2048) % pairs == 0;
    }
}
