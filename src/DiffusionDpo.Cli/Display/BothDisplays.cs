namespace DiffusionDpo.Cli.Display;

/// <summary>Shows everything in two places: to the user, and in the run's own log.</summary>
/// <param name="first">One.</param>
/// <param name="second">The other.</param>
internal sealed class BothDisplays(IRunDisplay first, IRunDisplay second) : IRunDisplay
{
    /// <inheritdoc/>
    public void Show(Notice notice)
    {
        first.Show(notice);
        second.Show(notice);
    }

    /// <inheritdoc/>
    public void Show(StepProgress step)
    {
        first.Show(step);
        second.Show(step);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }
}
