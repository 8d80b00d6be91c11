using DiffusionDpo.Api.Options;
using DiffusionDpo.Training.Parameters;

namespace DiffusionDpo.Training.Optimizers;

/// <summary>The list of optimizers.</summary>
public static class OptimizerList
{
    /// <summary>The optimizer that a resolved run file asks for, before its first update.</summary>
    /// <param name="options">Resolved: every value is given.</param>
    /// <param name="parameters">What it updates.</param>
    public static IOptimizer For(OptimizerOptions options, FlatParameters parameters) => options.Type switch
    {
        OptimizerType.AdamW => new AdamW(parameters, options),
        OptimizerType.Adafactor => new Adafactor(parameters, options),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Type, "not an optimizer"),
    };
}
