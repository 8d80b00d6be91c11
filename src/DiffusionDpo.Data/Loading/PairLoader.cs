using System.Threading.Channels;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Loading;

/// <summary>
/// Prepared pairs in order, from a cursor on, without end. Other threads read, decode and transform data.prefetchPairs ahead; what comes
/// out does not depend on their number or speed. One thread calls <see cref="Next"/>. No tensor is made here.
/// </summary>
public sealed class PairLoader : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<Visit> _work = Channel.CreateUnbounded<Visit>(); // never holds more than the visits in _ahead
    private readonly Queue<Visit> _ahead = new();
    private readonly Task[] _workers;
    private readonly IEnumerator<long> _indexes;
    private readonly IPairPlanner _planner;
    private readonly PairOrder _order;
    private readonly BadRowLedger _ledger;
    private readonly TimeProvider _time;
    private readonly long _seed;
    private readonly int _world;

    private PairLoader(IPairPlanner planner, (PairOrder Order, long Cursor) plan, BadRowLedger ledger, PairLoaderSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(plan.Cursor);
        (_planner, _order, _ledger, _time, _seed) = (planner, plan.Order, ledger, settings.Time, settings.Seed);
        (_indexes, _world, Cursor) = (settings.Share.IndexesFrom(plan.Order, plan.Cursor).GetEnumerator(), settings.Share.World, plan.Cursor);
        for (var i = 0; i < Math.Max(1, settings.Data.PrefetchPairs); i++)
            PlanNext();
        _workers = [.. Enumerable.Range(0, Math.Max(1, settings.Threads)).Select(_ => Task.Run(WorkAsync))];
    }

    /// <summary>
    /// The number of pairs consumed by the run when every rank has taken as many as this one; of a single rank the global index of the pair that
    /// <see cref="Next"/> gives next.
    /// </summary>
    public long Cursor { get; private set; }

    /// <summary>Time that <see cref="Next"/> has waited so far.</summary>
    public TimeSpan DataWait { get; private set; }

    /// <summary>Different bad rows so far, those of the manifest included.</summary>
    public int BadRows => _ledger.Count;

    /// <summary>What has been read of the sources so far.</summary>
    public ReadFigures Reading => _planner.Figures;

    /// <summary>The pairs of a training run: shuffled, with the crops, flips and dropped captions of the options.</summary>
    /// <param name="manifest">The pairs.</param>
    /// <param name="stores">Where their images are.</param>
    /// <param name="settings">How they are prepared.</param>
    /// <param name="cursor">Pairs that the run has consumed already, all ranks together: where a batch begins.</param>
    /// <exception cref="RunException">Data error: the manifest alone has too many bad rows.</exception>
    public static PairLoader Training(PairManifest manifest, Stores stores, PairLoaderSettings settings, long cursor = 0)
    {
        var (data, order) = (settings.Data, new PairOrder(manifest, settings.Seed));
        var transform = new PairTransform(Resolved(data.Resolution), Resolved(data.Crop), Resolved(data.Flip));
        return Create(manifest, stores, settings, (order, transform, Resolved(data.EmptyPromptProportion), cursor));
    }

    /// <summary>
    /// The pairs of held-out shards, as they are: in the order of the manifest, middle crop, no flip, no caption dropped. After the last one it
    /// starts over. Every rank gets all of them.
    /// </summary>
    /// <param name="manifest">The pairs.</param>
    /// <param name="stores">Where their images are.</param>
    /// <param name="settings">How they are prepared.</param>
    /// <exception cref="RunException">Data error: the manifest alone has too many bad rows.</exception>
    public static PairLoader HeldOut(PairManifest manifest, Stores stores, PairLoaderSettings settings)
    {
        var transform = new PairTransform(Resolved(settings.Data.Resolution), CropMode.Center, FlipMode.None);
        return Create(manifest, stores, settings with { Share = RankShare.Whole }, (PairOrder.AsStored(manifest), transform, 0, 0));
    }

    /// <summary>The next pair; waits until it is prepared.</summary>
    /// <param name="cancellation">Ends the wait; the loader stays usable.</param>
    /// <exception cref="RunException">Reading failed, or too many rows are bad; raised at the same pair whatever the number of threads.</exception>
    public PreferencePair Next(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
        cancellation.ThrowIfCancellationRequested();
        var (pair, bad) = Await(_ahead.Peek(), cancellation);
        if (bad is not null) _ledger.Add(bad);
        _ahead.Dequeue();
        PlanNext();
        Cursor += _world;
        return pair;
    }

    /// <summary>Stops the threads and waits for them.</summary>
    public void Dispose()
    {
        if (_stopping.IsCancellationRequested) return;
        _stopping.Cancel();
        _planner.Dispose(); // pairs that wait for a group fail
        Task.WaitAll(_workers);
        _stopping.Dispose();
        _indexes.Dispose();
    }

    private static PairLoader Create(
        PairManifest manifest, Stores stores, PairLoaderSettings settings, (PairOrder Order, PairTransform Transform, double Dropout, long Cursor) plan)
    {
        var ledger = new BadRowLedger(manifest, settings.Data.MaxBadFraction, settings.OnBadRow);
        IPairPlanner planner = settings.Cache is { } cache
            ? new CachedPairs(cache, manifest, plan.Transform, plan.Dropout)
            : new DecodedPairs(
                new GroupReads(manifest, (group, cancellation) => RowGroupContent.ReadAsync(stores, manifest.Shards[group.Shard], group, cancellation)),
                new PairPreparation(manifest, plan.Transform, plan.Dropout));
        return new PairLoader(planner, (plan.Order, plan.Cursor), ledger, settings);
    }

    private static T Resolved<T>(T? option) where T : struct =>
        option ?? throw new InvalidOperationException("data options reach a loader resolved");

    private void PlanNext()
    {
        _indexes.MoveNext();
        var next = _order.VisitAt(_indexes.Current);
        var place = new DrawPlace(_seed, next.Epoch, next.GlobalIndex);
        var visit = new Visit(_planner.Plan(next, place), new(TaskCreationOptions.RunContinuationsAsynchronously));
        _ahead.Enqueue(visit);
        _work.Writer.TryWrite(visit);
    }

    private (PreferencePair Pair, BadRow? Bad) Await(Visit visit, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        try
        {
            return visit.Result.Task.WaitAsync(cancellation).GetAwaiter().GetResult();
        }
        finally
        {
            DataWait += _time.GetElapsedTime(started);
        }
    }

    private async Task WorkAsync()
    {
        while (!_stopping.IsCancellationRequested && await NextVisitAsync().ConfigureAwait(false) is { } visit)
            await visit.RunAsync().ConfigureAwait(false);
    }

    private async ValueTask<Visit?> NextVisitAsync()
    {
        try
        {
            return await _work.Reader.ReadAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private sealed record Visit(Func<Task<(PreferencePair, BadRow?)>> Prepare, TaskCompletionSource<(PreferencePair, BadRow?)> Result)
    {
        /// <summary>Prepares the pair; whatever goes wrong is raised where the pair is awaited.</summary>
        public async Task RunAsync()
        {
            try
            {
                Result.SetResult(await Prepare().ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                Result.SetException(exception);
            }
        }
    }
}
