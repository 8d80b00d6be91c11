namespace DiffusionDpo.Cli.Tests.Processes;

/// <summary>Lines of a process as they come.</summary>
internal sealed class LineBuffer
{
    private readonly List<string> _lines = [];
    private bool _ended;

    public string[] All
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    /// <summary>Takes a line; null is the end.</summary>
    public void Add(string? line)
    {
        lock (_lines)
        {
            if (line is null) _ended = true;
            else _lines.Add(line);
            Monitor.PulseAll(_lines);
        }
    }

    /// <summary>The first line that fits; null where the end or the end of patience comes first.</summary>
    public string? WaitFor(Func<string, bool> fits, TimeSpan patience)
    {
        lock (_lines)
        {
            for (int seen = 0; ; seen++)
            {
                while (seen == _lines.Count)
                    if (_ended || !Monitor.Wait(_lines, patience)) return null;
                if (fits(_lines[seen])) return _lines[seen];
            }
        }
    }
}
