using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.Preparation;

namespace DiffusionDpo.Data.Loading;

/// <summary>Pairs whose images and prompts were prepared: the draws of a visit are those of <see cref="PairPreparation"/>, and nothing is decoded.</summary>
internal sealed class CachedPairs : IPairPlanner
{
    private const int AtOnce = 16; // each a few ranged reads

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _turns = new(AtOnce);
    private readonly LatentCache _cache;
    private readonly PairManifest _manifest;
    private readonly PairTransform _transform;
    private readonly double _emptyPromptProportion;
    private readonly int[] _numbers;
    private Task _reading = Task.CompletedTask;
    private long _reads;
    private long _bytes;

    /// <param name="cache">What was prepared.</param>
    /// <param name="manifest">The pairs, whose labels may be others than those of the sources.</param>
    /// <param name="transform">What happens to images; crops are from the middle.</param>
    /// <param name="emptyPromptProportion">Share of captions that are dropped.</param>
    /// <exception cref="RunException">Data error: a pair was not prepared.</exception>
    public CachedPairs(LatentCache cache, PairManifest manifest, PairTransform transform, double emptyPromptProportion)
    {
        (_cache, _manifest, _transform, _emptyPromptProportion) = (cache, manifest, transform, emptyPromptProportion);
        _numbers = cache.Index.NumbersFor(manifest);
        if (Array.IndexOf(_numbers, -1) is >= 0 and var lacking)
            throw new RunException(ExitClass.DataError, $"{BadRowOf(lacking, "")}was not prepared in {cache.Place}; prepare the sources again");
    }

    /// <inheritdoc/>
    public ReadFigures Figures => new(0, Interlocked.Read(ref _reads), Interlocked.Read(ref _bytes), Interlocked.Read(ref _bytes));

    /// <inheritdoc/>
    public Func<Task<(PreferencePair Pair, BadRow? Bad)>> Plan(OrderedVisit visit, DrawPlace place)
    {
        var pair = Task.Run(() => ReadAsync(visit.Pair, place));
        _reading = Task.WhenAll(_reading, pair);
        if (_reading.IsCompleted) _reading = Task.CompletedTask;
        return () => pair;
    }

    /// <summary>Ends all reads and waits for them.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        _reading.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        _turns.Dispose();
        _stopping.Dispose();
    }

    private async Task<(PreferencePair Pair, BadRow? Bad)> ReadAsync(int pair, DrawPlace place)
    {
        var (number, empty) = (_numbers[pair], PreferencePair.Empty(pair, place, []));
        if (_cache.Index.Reasons.TryGetValue(number, out var reason))
            return (empty with { Cached = new(Blank(), Blank(), await PromptAsync(0).ConfigureAwait(false), IsPromptEmpty: true) }, BadRowOf(pair, reason));
        var (first, second, prompt) = _cache.Index.Pairs[number];
        var (winner, loser) = FirstWins(pair) ? (first, second) : (second, first);
        var mirrored = _transform.Mirrors(place);
        if (CaptionDropout.Apply("kept", _emptyPromptProportion, place).Length == 0) prompt = 0;
        return (empty with
        {
            Cached = new(
                await ImageAsync(winner, mirrored.Winner).ConfigureAwait(false),
                await ImageAsync(loser, mirrored.Loser).ConfigureAwait(false),
                await PromptAsync(prompt).ConfigureAwait(false),
                IsPromptEmpty: prompt == 0),
            WinnerSizes = _transform.MiddleOf(_cache.Index.Sizes[winner].Width, _cache.Index.Sizes[winner].Height, mirrored.Winner),
            LoserSizes = _transform.MiddleOf(_cache.Index.Sizes[loser].Width, _cache.Index.Sizes[loser].Height, mirrored.Loser),
            Weight = 1,
        }, null);
    }

    private byte[] Blank() => new byte[_cache.Index.Images.PieceBytes];

    private ValueTask<byte[]> ImageAsync(int image, bool mirrored) => ReadAsync(PartLayout.Images, image, mirrored ? 1 : 0);

    private ValueTask<byte[]> PromptAsync(int prompt) => ReadAsync(PartLayout.Prompts, prompt, 0);

    private async ValueTask<byte[]> ReadAsync(string kind, int row, int piece)
    {
        await _turns.WaitAsync(_stopping.Token).ConfigureAwait(false);
        try
        {
            var bytes = await _cache.ReadAsync(kind, row, piece, _stopping.Token).ConfigureAwait(false);
            Interlocked.Increment(ref _reads);
            Interlocked.Add(ref _bytes, bytes.Length);
            return bytes;
        }
        finally
        {
            _turns.Release();
        }
    }

    private bool FirstWins(int pair)
    {
        var (group, offset) = _manifest.Locate(pair);
        return _manifest.Groups[group].Pairs[offset].FirstWins;
    }

    private BadRow BadRowOf(int pair, string reason)
    {
        var (number, offset) = _manifest.Locate(pair);
        var group = _manifest.Groups[number];
        return new BadRow(_manifest.Shards[group.Shard].Info.Uri.ToString(), group.RowGroup, group.Pairs[offset].Row, reason);
    }
}
