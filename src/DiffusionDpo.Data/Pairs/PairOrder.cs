using System.Buffers.Binary;
using DiffusionDpo.Data.Randomness;

namespace DiffusionDpo.Data.Pairs;

/// <summary>
/// Which pair is trained on when: a pure function of (manifest hash, seed, global index). The global index counts pairs consumed since
/// the start of the run and is the whole cursor; epochs follow each other without a gap, and within one no pair is lost or repeated.
/// </summary>
/// <remarks>
/// A block shuffle, because images come from storage a row group at a time. Per epoch the row groups are permuted uniformly and laid in a
/// row, and the row is cut into equal lanes, up to <see cref="MostLanes"/>. Each lane is cut into windows of whole groups (but for those that
/// the ends of lanes cut), the pairs of a window are permuted uniformly, and the epoch takes one pair of each lane in turn. So ranks whose
/// number divides that of the lanes have lanes of their own and no group is read by two of them.
/// <para>
/// What it means for randomness: data sets of up to <see cref="WindowPairs"/> pairs are shuffled fully. In larger ones every pair is equally likely at
/// every place, and neighbours in the order are of different groups; but the pairs of one group come within one window. In a batch of b pairs from L
/// lanes, groups of g, with n = b/L, a pair has n − n²/3g − 1 others of its own group (g − g²/3n − 1 where n is more than g), in a full shuffle b·g of
/// all pairs. If what is averaged over a batch is correlated by ρ within groups, its variance is 1 + ρ times that many as large. Not thread-safe.
/// </para>
/// </remarks>
public sealed class PairOrder
{
    /// <summary>Pairs that are mixed with each other, at least. At Pick-a-Pic's 340 kB per row they are 350 MB of encoded images.</summary>
    public const int WindowPairs = 1024;

    /// <summary>
    /// Most lanes. Fewer where groups are large, so that no more than about twice <see cref="WindowPairs"/> pairs are open at a time; or few, so that not
    /// one in twenty is cut and read twice.
    /// </summary>
    public const int MostLanes = 16;

    private const int GroupsPerCut = 20;

    private readonly int[] _firstPairs;
    private readonly int[] _sizes;
    private readonly long? _seed;
    private readonly int[] _laneFirst; // places of an epoch's row before each lane, and all of them
    private readonly (long Epoch, int Window, int[] Pairs)[] _windows; // the one used last of each lane
    private (long Epoch, Row Row) _row = (-1, new([], [], []));

    /// <summary>The order of one run.</summary>
    /// <param name="manifest">The pairs.</param>
    /// <param name="seed">The seed of the run.</param>
    public PairOrder(PairManifest manifest, long seed)
        : this(GroupSizes(manifest), seed ^ BinaryPrimitives.ReadInt64LittleEndian(Convert.FromHexString(manifest.Hash)))
    {
    }

    internal PairOrder(int[] groupSizes, long? seed)
    {
        (_sizes, _seed, _firstPairs) = (groupSizes, seed, new int[groupSizes.Length]);
        for (var i = 1; i < groupSizes.Length; i++)
            _firstPairs[i] = checked(_firstPairs[i - 1] + groupSizes[i - 1]);
        Pairs = _firstPairs[^1] + groupSizes[^1];
        Lanes = seed is null ? 1 : LanesOf(Pairs, groupSizes.Length);
        _laneFirst = new int[Lanes + 1];
        for (var lane = 0; lane < Lanes; lane++)
            _laneFirst[lane + 1] = _laneFirst[lane] + ((Pairs - lane + Lanes - 1) / Lanes);
        _windows = new (long, int, int[])[Lanes];
        Array.Fill(_windows, (-1, -1, []));
    }

    /// <summary>No shuffle: every epoch in the order of the manifest.</summary>
    /// <param name="manifest">The pairs.</param>
    internal static PairOrder AsStored(PairManifest manifest) => new(GroupSizes(manifest), seed: null);

    /// <summary>Pairs per epoch.</summary>
    public int Pairs { get; }

    /// <summary>Parts of an epoch that go side by side.</summary>
    internal int Lanes { get; }

    /// <summary>The pass over the data in which a global index falls.</summary>
    /// <param name="globalIndex">From 0.</param>
    public long EpochOf(long globalIndex) => globalIndex / Pairs;

    /// <summary>The number of the pair at a global index.</summary>
    /// <param name="globalIndex">From 0.</param>
    public int PairAt(long globalIndex) => VisitAt(globalIndex).Pair;

    /// <summary>The lane in which a global index falls.</summary>
    internal int LaneOf(long globalIndex) => (int)(globalIndex % Pairs % Lanes);

    /// <summary>The pair at a global index, and the window that it is drawn from.</summary>
    internal OrderedVisit VisitAt(long globalIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(globalIndex);
        var (epoch, lane) = (EpochOf(globalIndex), LaneOf(globalIndex));
        if (_row.Epoch != epoch) _row = (epoch, LayGroups(epoch));
        var place = _laneFirst[lane] + ((int)(globalIndex % Pairs) / Lanes);
        var window = LastAtMost(_row.Row.Windows, place);
        if ((_windows[lane].Epoch, _windows[lane].Window) != (epoch, window)) _windows[lane] = (epoch, window, ShufflePairs(epoch, window));
        return new OrderedVisit(globalIndex, epoch, lane, window, _windows[lane].Pairs[place - _row.Row.Windows[window]]);
    }

    private static int LanesOf(int pairs, int groups)
    {
        if (pairs <= WindowPairs) return 1;
        var lanes = MostLanes;
        while (lanes > 1 && ((long)lanes * pairs > 2L * WindowPairs * groups || (lanes - 1) * GroupsPerCut > groups))
            lanes /= 2;
        return lanes;
    }

    private static int[] GroupSizes(PairManifest manifest) => [.. manifest.Groups.Select(group => group.Pairs.Count)];

    private Row LayGroups(long epoch)
    {
        var groups = Enumerable.Range(0, _sizes.Length).ToArray();
        Shuffle(groups, epoch, 0);
        var (first, windows, lane, least) = (new int[groups.Length + 1], new List<int> { 0 }, 0, (WindowPairs + Lanes - 1) / Lanes);
        for (var i = 0; i < groups.Length; i++)
        {
            first[i + 1] = first[i] + _sizes[groups[i]];
            for (; lane + 1 < Lanes && _laneFirst[lane + 1] <= first[i + 1]; lane++)
                Open(_laneFirst[lane + 1]);
            if (first[i + 1] - windows[^1] >= least) Open(first[i + 1]);
        }

        if (windows[^1] == Pairs) windows.RemoveAt(windows.Count - 1);
        return new Row(groups, first, [.. windows]);

        void Open(int place)
        {
            if (place > windows[^1]) windows.Add(place);
        }
    }

    private int[] ShufflePairs(long epoch, int window)
    {
        var (groups, first, windows) = _row.Row;
        var (begin, end) = (windows[window], window + 1 < windows.Length ? windows[window + 1] : Pairs);
        var pairs = new int[end - begin];
        for (var (place, group) = (begin, LastAtMost(first, begin)); place < end; place++)
        {
            while (first[group + 1] <= place) group++;
            pairs[place - begin] = _firstPairs[groups[group]] + place - first[group];
        }

        Shuffle(pairs, epoch, 1 + window);
        return pairs;
    }

    /// <summary>Index of the last of ascending numbers that is not above a value; the first one never is.</summary>
    private static int LastAtMost(int[] ascending, int value)
    {
        var found = Array.BinarySearch(ascending, value);
        return found >= 0 ? found : ~found - 1;
    }

    /// <summary>Fisher and Yates' uniform permutation from the stream (seed, epoch, stream, order).</summary>
    private void Shuffle(int[] items, long epoch, long stream)
    {
        if (_seed is not { } seed) return;
        var random = new CounterRandom(seed, epoch, stream, DrawPurpose.Order);
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = random.NextInt(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    /// <summary>The groups of an epoch in its order, the places before each of them, and where windows begin; lanes begin windows.</summary>
    private sealed record Row(int[] Groups, int[] First, int[] Windows);
}
