using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Training.Batches;

/// <summary>The timesteps that training draws from.</summary>
/// <param name="First">The least.</param>
/// <param name="Count">How many from there on.</param>
public readonly record struct TimestepRange(int First, int Count)
{
    /// <summary>A range of a schedule.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="timesteps">Timesteps of the schedule; a range may end beyond them.</param>
    /// <exception cref="RunException">Configuration error: the range begins beyond them.</exception>
    public static TimestepRange Of(TimestepOptions options, int timesteps) => options.Min < timesteps
        ? new(options.Min, Math.Min(options.Max, timesteps - 1) - options.Min + 1)
        : throw new RunException(ExitClass.ConfigurationError, $"training.timesteps.min: {options.Min} is not one of the model's timesteps 0 to {timesteps - 1}; choose a smaller one");
}
