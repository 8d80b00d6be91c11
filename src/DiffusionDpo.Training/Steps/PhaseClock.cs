namespace DiffusionDpo.Training.Steps;

/// <summary>Sums up how long a step is in each phase: one is entered when another ends.</summary>
/// <param name="time">The clock.</param>
public sealed class PhaseClock(TimeProvider time)
{
    private static readonly int Phases = Enum.GetValues<StepPhase>().Length;

    /// <summary>Called before a phase ends: waits for what was asked of a GPU, so that it is counted where it was asked for. Null: the host's view, as waiting costs time.</summary>
    public Action? Wait { get; set; }

    private TimeSpan[] spent = new TimeSpan[Phases];
    private StepPhase? current;
    private long since;

    /// <summary>Ends the present phase, if there is one, and begins another.</summary>
    /// <param name="phase">The new one.</param>
    public void Enter(StepPhase phase)
    {
        Leave();
        current = phase;
    }

    /// <summary>Ends the present phase; gives the time in each and starts again from 0.</summary>
    /// <returns>Indexed by <see cref="StepPhase"/>.</returns>
    public IReadOnlyList<TimeSpan> Take()
    {
        Leave();
        current = null;
        TimeSpan[] taken = spent;
        spent = new TimeSpan[Phases];
        return taken;
    }

    private void Leave()
    {
        Wait?.Invoke();
        long now = time.GetTimestamp();
        if (current is { } phase) spent[(int)phase] += time.GetElapsedTime(since, now);
        since = now;
    }
}
