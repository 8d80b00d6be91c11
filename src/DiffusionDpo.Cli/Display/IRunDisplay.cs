namespace DiffusionDpo.Cli.Display;

/// <summary>Where a run's progress is shown: a live terminal, plain log lines, or JSON lines.</summary>
internal interface IRunDisplay : IDisposable
{
    /// <summary>Something worth a line happened.</summary>
    /// <param name="notice">What.</param>
    void Show(Notice notice);

    /// <summary>An optimizer step is complete.</summary>
    /// <param name="step">Its numbers.</param>
    void Show(StepProgress step);
}
