using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>
/// Every rank does the same number of equal micro-batches per step. 2048 pairs are what every preset has; an elastic run must fit its
/// smallest world.
/// </summary>
internal static class WorldDividesBatch
{
    public const string Path = "training.globalBatch";
    public const string Cel =
        "(has(self.training.globalBatch) ? self.training.globalBatch : 2048) % ((has(self.workers.min) ? " +
        "self.workers.min : self.workers.count) * (self.workers.gpusPerWorker > 0 ? self.workers.gpusPerWorker : 1) * " +
        "self.training.microBatch) == 0";
    public const string Message =
        "is not divisible by workers × GPUs per worker × training.microBatch (2048 where not given) — change one of them";

    public static readonly FineTuneRule Rule = new(Path, Cel, Message, Holds);

    private static bool Holds(DpoFineTuneSpec spec)
    {
        long workers = spec.Workers.Min ?? spec.Workers.Count;
        var pairs = workers * Math.Max(1, spec.Workers.GpusPerWorker) * spec.Training.MicroBatch;
        // Zero is out of bounds and reported as such.
        return pairs <= 0 || (spec.Training.GlobalBatch ?? 2048) % pairs == 0;
    }
}
