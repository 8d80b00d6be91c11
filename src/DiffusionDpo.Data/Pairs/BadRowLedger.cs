using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Data.Pairs;

/// <summary>Counts bad rows, each once however often it is visited, and ends the run when they are too many.</summary>
internal sealed class BadRowLedger
{
    private const int NamedInFailure = 3;

    private readonly HashSet<(string, int, int)> _seen = [];
    private readonly List<BadRow> _first = [];
    private readonly Action<BadRow>? _observer;
    private readonly long _rows;
    private readonly double _maxFraction;

    /// <param name="manifest">Its rows are what the fraction is of; its bad rows are the first that count.</param>
    /// <param name="maxFraction">data.maxBadFraction.</param>
    /// <param name="observer">Told of each bad row once.</param>
    public BadRowLedger(PairManifest manifest, double maxFraction, Action<BadRow>? observer)
    {
        (_observer, _rows, _maxFraction) = (observer, manifest.Rows, maxFraction);
        foreach (var row in manifest.BadRows)
            Add(row);
    }

    /// <summary>Different bad rows so far.</summary>
    public int Count => _seen.Count;

    /// <summary>Takes note of a bad row.</summary>
    /// <exception cref="RunException">Data error: more than the allowed fraction of the rows is bad.</exception>
    public void Add(BadRow row)
    {
        if (!_seen.Add((row.Shard, row.RowGroup, row.Row))) return;
        if (_first.Count < NamedInFailure) _first.Add(row);
        _observer?.Invoke(row);
        if (Count > _maxFraction * _rows)
        {
            throw new RunException(
                ExitClass.DataError,
                $"{Count} of {_rows} rows are bad, more than data.maxBadFraction {_maxFraction} allows; the first: {string.Join("; ", _first)}");
        }
    }
}
