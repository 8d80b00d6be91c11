using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Elastic runs say how far they may shrink and grow.</summary>
internal static class ElasticRangeHoldsCount
{
    public const string Path = "workers.count";
    public const string Cel =
        "has(self.workers.min) == has(self.workers.max) && (!has(self.workers.min) || !has(self.workers.max) || " +
        "self.workers.min <= self.workers.count && self.workers.count <= self.workers.max)";
    public const string Message = "must lie between workers.min and workers.max, which are given both or not at all — correct the three";

    public static readonly FineTuneRule Rule = new(Path, Cel, Message, Holds);

    private static bool Holds(DpoFineTuneSpec spec) => (spec.Workers.Min, spec.Workers.Max) switch
    {
        (null, null) => true,
        ({ } min, { } max) => min <= spec.Workers.Count && spec.Workers.Count <= max,
        _ => false,
    };
}
