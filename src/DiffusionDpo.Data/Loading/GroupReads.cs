using DiffusionDpo.Data.Pairs;

namespace DiffusionDpo.Data.Loading;

/// <summary>
/// The row groups of the windows that a loader is in. A group is read when the first pair of it is planned, once per window, and forgotten when the
/// loader has left the window and the last pair on its way is prepared: nothing counts references but the garbage collector. One thread plans.
/// </summary>
/// <param name="manifest">The pairs.</param>
/// <param name="read">Reads a group.</param>
internal sealed class GroupReads(PairManifest manifest, Func<PairGroup, CancellationToken, ValueTask<RowGroupContent>> read) : IDisposable
{
    private const int AtOnce = 2; // each reads several ranges side by side, and holds its group twice for a moment

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _turns = new(AtOnce);
    private readonly Dictionary<int, Window> _open = []; // by lane
    private readonly List<Task> _reading = [];
    private readonly ReadLedger _ledger = new();

    /// <summary>What has been read so far.</summary>
    public ReadFigures Figures => _ledger.Figures;

    /// <summary>The group of a visit, being read.</summary>
    public Task<RowGroupContent> Of(OrderedVisit visit)
    {
        if (!_open.TryGetValue(visit.Lane, out var window) || (window.Epoch, window.Number) != (visit.Epoch, visit.Window))
            _open[visit.Lane] = window = new Window(visit.Epoch, visit.Window, []);
        var group = manifest.Locate(visit.Pair).Group;
        if (window.Groups.TryGetValue(group, out var content)) return content;
        window.Groups.Add(group, content = Task.Run(() => ReadAsync(group, visit.Epoch)));
        _reading.RemoveAll(task => task.IsCompleted);
        _reading.Add(content);
        return content;
    }

    /// <summary>Ends all reads and waits for them.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        Task.WhenAll(_reading).ContinueWith(_ => { }, TaskScheduler.Default).Wait(); // whatever they failed with has been or will not be awaited
        _turns.Dispose();
        _stopping.Dispose();
    }

    private async Task<RowGroupContent> ReadAsync(int group, long epoch)
    {
        await _turns.WaitAsync(_stopping.Token).ConfigureAwait(false);
        try
        {
            var content = await read(manifest.Groups[group], _stopping.Token).ConfigureAwait(false);
            _ledger.Add(epoch, group, content.Traffic);
            return content;
        }
        finally
        {
            _turns.Release();
        }
    }

    private sealed record Window(long Epoch, int Number, Dictionary<int, Task<RowGroupContent>> Groups);
}
