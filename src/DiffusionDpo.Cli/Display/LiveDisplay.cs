using Spectre.Console;

namespace DiffusionDpo.Cli.Display;

/// <summary>A terminal: notices scroll by as lines, the current step stays on the last line with a bar.</summary>
internal sealed class LiveDisplay : IRunDisplay
{
    private const int WideBar = 24;
    private const int NarrowBar = 8;
    private const int WideTerminal = 100;
    private const string Stage = "train"; // the one that has steps
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(100);

    private readonly IAnsiConsole _console;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private long? _lastShown;
    private bool _lineOpen;

    /// <summary>Shows on a terminal.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="time">The clock of the thinning.</param>
    public LiveDisplay(IAnsiConsole console, TimeProvider time)
    {
        _console = console;
        _time = time;
        _console.Cursor.Hide();
    }

    /// <inheritdoc/>
    public void Show(Notice notice)
    {
        lock (_gate)
        {
            CloseLine();
            _console.MarkupLineInterpolated($"[bold]{notice.Event,-11}[/] {notice.Text}");
        }
    }

    /// <inheritdoc/>
    public void Show(StepProgress step)
    {
        lock (_gate)
        {
            bool last = step.Step == step.TotalSteps;
            if (!last && _lastShown is { } shown && _time.GetElapsedTime(shown) < s_between) return;
            _lastShown = _time.GetTimestamp();

            int width = Math.Max(10, _console.Profile.Width - 1), bar = width >= WideTerminal ? WideBar : NarrowBar;
            int filled = (int)(bar * step.Step / Math.Max(1, step.TotalSteps));
            string text = $"{Stage,-11} {new string('━', filled)}{new string('─', bar - filled)} ";
            text += StepLine.Within(step, width - text.Length);
            CloseLine();
            _console.Write(new Text(text, new Style(last ? Color.Green : Color.Blue)));
            _lineOpen = true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_lineOpen) _console.WriteLine();
            _console.Cursor.Show();
        }
    }

    private void CloseLine()
    {
        if (!_lineOpen) return;
        _console.Write(new ControlCode("\r\u001b[2K"));
        _lineOpen = false;
    }
}
