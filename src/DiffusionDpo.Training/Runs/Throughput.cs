namespace DiffusionDpo.Training.Runs;

/// <summary>Pairs per second over the last steps.</summary>
internal sealed class Throughput
{
    private const int Window = 20;

    private readonly Queue<(long Pairs, double Seconds)> steps = new();

    /// <summary>Takes in a step.</summary>
    /// <param name="pairs">Its pairs.</param>
    /// <param name="duration">Its time.</param>
    /// <returns>Pairs per second over the window.</returns>
    public double Add(long pairs, TimeSpan duration)
    {
        steps.Enqueue((pairs, duration.TotalSeconds));
        if (steps.Count > Window) steps.Dequeue();
        return steps.Sum(step => step.Pairs) / steps.Sum(step => step.Seconds);
    }
}
