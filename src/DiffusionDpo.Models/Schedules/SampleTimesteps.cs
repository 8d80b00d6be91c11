using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Models.Schedules;

/// <summary>The training timesteps a sampler visits, descending.</summary>
internal static class SampleTimesteps
{
    /// <summary>Timesteps that may lie between training timesteps.</summary>
    public static double[] Real(NoiseSchedule schedule, TimestepSpacing spacing, int steps)
    {
        int last = schedule.TrainingTimesteps - 1;
        RequireFit(steps, steps >= 1 && steps <= schedule.TrainingTimesteps, schedule);
        double[] ascending = spacing switch
        {
            TimestepSpacing.Leading => Spread(steps, schedule.TrainingTimesteps / steps, schedule.Config.StepsOffset),
            TimestepSpacing.Linspace => [.. Spread(steps - 1, (double)last / (steps - 1), offset: 0), steps == 1 ? 0 : last],
            _ => throw new ArgumentOutOfRangeException(nameof(spacing), spacing, "not a spacing"),
        };
        RequireFit(steps, ascending[^1] <= last, schedule);
        Array.Reverse(ascending);
        return ascending;
    }

    /// <summary>Timesteps rounded to training timesteps, halves to even.</summary>
    public static int[] Whole(NoiseSchedule schedule, TimestepSpacing spacing, int steps) =>
        Array.ConvertAll(Real(schedule, spacing, steps), timestep => (int)Math.Round(timestep));

    private static double[] Spread(int steps, double stride, int offset) =>
        [.. Enumerable.Range(0, steps).Select(step => step * stride + offset)];

    private static void RequireFit(int steps, bool fits, NoiseSchedule schedule)
    {
        if (fits) return;
        throw new RunException(
            ExitClass.UserError,
            $"{steps} sampling steps do not fit the {schedule.TrainingTimesteps} timesteps of {schedule.Config.Place}; ask for 1 or more, but fewer than that");
    }
}
