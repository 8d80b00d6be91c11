using DiffusionDpo.Training.Memory;


namespace DiffusionDpo.Cli.Display;

/// <summary>How much of something large is written: a bar on a terminal, elsewhere a line every few seconds. What takes no time shows nothing.</summary>
/// <param name="output">Where to write.</param>
/// <param name="isTerminal">Whether somebody looks at it.</param>
/// <param name="time">The clock of the thinning.</param>
internal sealed class CopyProgress(TextWriter output, bool isTerminal, TimeProvider time) : IDisposable
{
    private const int Bar = 24;
    private static readonly TimeSpan s_onTerminal = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_elsewhere = TimeSpan.FromSeconds(5);

    private long _lastShown = time.GetTimestamp();
    private bool _lineOpen;

    /// <summary>Shows it, if it is time to.</summary>
    /// <param name="done">Bytes.</param>
    /// <param name="total">Bytes.</param>
    public void Show(long done, long total)
    {
        if (time.GetElapsedTime(_lastShown) < (isTerminal ? s_onTerminal : s_elsewhere)) return;
        _lastShown = time.GetTimestamp();
        string amount = $"{ByteCount.Of(done)} of {ByteCount.Of(total)}";
        if (!isTerminal)
        {
            output.WriteLine($"written: {amount}");
            return;
        }

        int filled = (int)(Bar * done / Math.Max(1, total));
        output.Write($"\r\u001b[2K{new string('━', filled)}{new string('─', Bar - filled)} {amount}");
        _lineOpen = true;
    }

    /// <summary>Takes the bar away.</summary>
    public void Dispose()
    {
        if (_lineOpen) output.Write("\r\u001b[2K");
        output.Flush();
    }
}
