using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Models.Schedules;

/// <summary>The list of samplers.</summary>
public static class Samplers
{
    private static readonly Dictionary<string, Func<NoiseSchedule, int, ISampler>> All = new(StringComparer.Ordinal)
    {
        ["ddim"] = (schedule, steps) => new DdimSampler(schedule, steps),
        ["pndm"] = (schedule, steps) => new PndmSampler(schedule, steps),
        ["euler"] = (schedule, steps) => new EulerSampler(schedule, steps),
    };

    /// <summary>The names a sampler is chosen by.</summary>
    public static IReadOnlyCollection<string> Names => All.Keys;

    /// <summary>Starts a trajectory.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="schedule">The model's schedule.</param>
    /// <param name="steps">Steps of the trajectory, 1 or more.</param>
    /// <exception cref="RunException">User error: no such sampler, or too many steps for the schedule. Configuration error: the model's
    /// scheduler configuration asks of this sampler what it does not do.</exception>
    public static ISampler Create(string name, NoiseSchedule schedule, int steps) =>
        All.TryGetValue(name, out Func<NoiseSchedule, int, ISampler>? create)
            ? create(schedule, steps)
            : throw new RunException(ExitClass.UserError, $"there is no sampler '{name}'; choose one of {string.Join(", ", Names)}");
}
