namespace DiffusionDpo.Cli.Display;

/// <summary>Plain log lines, for pipes, files and container logs: every notice, and steps at most every few seconds.</summary>
/// <param name="output">Where to write.</param>
/// <param name="time">The clock of the timestamps and of the thinning.</param>
internal sealed class PlainDisplay(TextWriter output, TimeProvider time) : IRunDisplay
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(5);

    private long? _lastShown;

    /// <inheritdoc/>
    public void Show(Notice notice) => Write(notice.Text);

    /// <inheritdoc/>
    public void Show(StepProgress step)
    {
        bool last = step.Step == step.TotalSteps;
        if (!last && _lastShown is { } shown && time.GetElapsedTime(shown) < s_between) return;
        _lastShown = time.GetTimestamp();
        Write(StepLine.Of(step));
    }

    /// <inheritdoc/>
    public void Dispose() => output.Flush();

    private void Write(string text)
    {
        lock (output) output.WriteLine($"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ} {text}");
        output.Flush();
    }
}
