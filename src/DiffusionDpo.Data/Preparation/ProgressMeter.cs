namespace DiffusionDpo.Data.Preparation;

/// <summary>Counts what is done and tells of it every now and then. Thread-safe.</summary>
/// <param name="settings">Clock and listener.</param>
/// <param name="work">What is being done.</param>
/// <param name="total">How much of it.</param>
internal sealed class ProgressMeter(PreparationSettings settings, string work, long total)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly long _started = settings.Time.GetTimestamp();
    private long _told = settings.Time.GetTimestamp();

    /// <summary>So far.</summary>
    public long Done { get; private set; }

    /// <summary>Since it began.</summary>
    public TimeSpan Elapsed => settings.Time.GetElapsedTime(_started);

    /// <summary>One more is done.</summary>
    public void Add()
    {
        lock (_lock)
        {
            Done++;
            if (Done < total && settings.Time.GetElapsedTime(_told) < Between) return;
            _told = settings.Time.GetTimestamp();
            settings.OnEvent(new PreparationProgress(work, Done, total, Done / Math.Max(1e-6, Elapsed.TotalSeconds)));
        }
    }

    /// <summary>Some were done before and need not be done again.</summary>
    public void Skip(long count)
    {
        lock (_lock) total -= count;
    }
}
