namespace DiffusionDpo.Data.Loading;

/// <summary>Adds up what reading takes. Thread-safe.</summary>
internal sealed class ReadLedger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, HashSet<int>> _seen = []; // groups by epoch, of the last two
    private ReadFigures _figures;

    /// <summary>So far.</summary>
    public ReadFigures Figures
    {
        get
        {
            lock (_lock) return _figures;
        }
    }

    /// <summary>Takes note of a read; a group that was needed before in its epoch is not needed again.</summary>
    public void Add(long epoch, int group, ReadTraffic traffic)
    {
        lock (_lock)
        {
            if (_seen.TryAdd(epoch, [])) _seen.Remove(epoch - 2);
            var needed = _seen[epoch].Add(group) ? traffic.Needed : 0;
            var (groups, reads, bytes, neededBytes) = _figures;
            _figures = new ReadFigures(groups + 1, reads + traffic.Reads, bytes + traffic.Bytes, neededBytes + needed);
        }
    }
}
