using System.Buffers.Binary;
using DiffusionDpo.Data.Randomness;

namespace DiffusionDpo.Data.Pairs;

/// <summary>
/// Which pair is trained on when: a pure function of (manifest hash, seed, global index). The global index counts pairs consumed since
/// the start of the run and is the whole cursor; epochs follow each other without a gap, and within one no pair is lost or repeated.
/// </summary>
/// <remarks>
/// A block shuffle, because images come from storage a row group at a time. Per epoch the row groups are permuted uniformly, then cut in
/// that order into windows of at least <see cref="WindowPairs"/> pairs (the last one may be smaller), and the pairs of a window are
/// permuted uniformly. What that means: data sets of up to <see cref="WindowPairs"/> pairs are shuffled fully. In larger ones every pair is
/// equally likely at every window, but pairs of one row group always fall into one window, so a batch smaller than a window sees
/// neighbours of the file more often than chance. Not thread-safe.
/// </remarks>
public sealed class PairOrder
{
    /// <summary>Pairs that are mixed with each other. At Pick-a-Pic's 340 kB per row one window is 350 MB of encoded images.</summary>
    public const int WindowPairs = 1024;

    private readonly int[] _firstPairs;
    private readonly int[] _sizes;
    private readonly long? _seed;
    private (long Epoch, Window[] Windows) _epoch = (-1, []);
    private (long Epoch, int Window, int[] Pairs) _window = (-1, -1, []);

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
    }

    /// <summary>No shuffle: every epoch in the order of the manifest.</summary>
    /// <param name="manifest">The pairs.</param>
    internal static PairOrder AsStored(PairManifest manifest) => new(GroupSizes(manifest), seed: null);

    /// <summary>Pairs per epoch.</summary>
    public int Pairs { get; }

    /// <summary>The pass over the data in which a global index falls.</summary>
    /// <param name="globalIndex">From 0.</param>
    public long EpochOf(long globalIndex) => globalIndex / Pairs;

    /// <summary>The number of the pair at a global index.</summary>
    /// <param name="globalIndex">From 0.</param>
    public int PairAt(long globalIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(globalIndex);
        var (epoch, position) = (EpochOf(globalIndex), (int)(globalIndex % Pairs));
        if (_epoch.Epoch != epoch) _epoch = (epoch, ShuffleGroups(epoch));
        var window = FindWindow(position);
        if ((_window.Epoch, _window.Window) != (epoch, window)) _window = (epoch, window, ShufflePairs(epoch, window));
        return _window.Pairs[position - _epoch.Windows[window].FirstPosition];
    }

    /// <summary>Most row groups that one window of any epoch can hold.</summary>
    internal int MaxGroupsPerWindow()
    {
        var (groups, pairs) = (0, 0);
        foreach (var size in _sizes.Order().TakeWhile(_ => pairs < WindowPairs))
            (groups, pairs) = (groups + 1, pairs + size);
        return groups;
    }

    private static int[] GroupSizes(PairManifest manifest) => [.. manifest.Groups.Select(group => group.Pairs.Count)];

    private Window[] ShuffleGroups(long epoch)
    {
        var groups = Enumerable.Range(0, _sizes.Length).ToArray();
        Shuffle(groups, epoch, 0);
        var windows = new List<Window>();
        for (int next = 0, position = 0; next < groups.Length;)
        {
            var (first, firstPosition) = (next, position);
            while (next < groups.Length && position - firstPosition < WindowPairs)
                position += _sizes[groups[next++]];
            windows.Add(new Window(firstPosition, groups[first..next]));
        }

        return [.. windows];
    }

    private int FindWindow(int position)
    {
        var (low, high) = (0, _epoch.Windows.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_epoch.Windows[middle].FirstPosition <= position) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private int[] ShufflePairs(long epoch, int window)
    {
        var pairs = _epoch.Windows[window].Groups.SelectMany(group => Enumerable.Range(_firstPairs[group], _sizes[group])).ToArray();
        Shuffle(pairs, epoch, 1 + window);
        return pairs;
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

    private readonly record struct Window(int FirstPosition, int[] Groups);
}
