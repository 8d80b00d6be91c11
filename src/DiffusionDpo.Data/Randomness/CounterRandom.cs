namespace DiffusionDpo.Data.Randomness;

/// <summary>
/// A stream of random numbers that is a pure function of (seed, epoch, index, purpose). There is no state to save:
/// whoever knows these four gets the same numbers, on every platform, in any order, on any thread.
/// </summary>
/// <remarks>
/// Philox key = seed; counter = (block of the stream, index bits 0–31, index bits 32–47 and purpose, epoch).
/// An instance is a position in one stream and serves one thread; make another for another draw.
/// </remarks>
public sealed class CounterRandom
{
    /// <summary>The first index that is too large.</summary>
    public const long IndexLimit = 1L << 48;

    private readonly (uint, uint) _key;
    private readonly uint _indexLow;
    private readonly uint _indexHighAndPurpose;
    private readonly uint _epoch;
    private PhiloxBlock _block;
    private uint _nextBlock;
    private int _used = 4;

    /// <summary>The stream of one draw.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="epoch">Pass over the data, from 0, below 2³².</param>
    /// <param name="index">Place of the pair or item, from 0, below <see cref="IndexLimit"/>.</param>
    /// <param name="purpose">What the numbers are for.</param>
    /// <exception cref="ArgumentOutOfRangeException">Epoch or index do not fit the counter.</exception>
    public CounterRandom(long seed, long epoch, long index, DrawPurpose purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(epoch, uint.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, IndexLimit);
        _key = ((uint)seed, (uint)(seed >> 32));
        _indexLow = (uint)index;
        _indexHighAndPurpose = (uint)(index >> 32) | ((uint)(ushort)purpose << 16);
        _epoch = (uint)epoch;
    }

    /// <summary>The next 32 uniform bits.</summary>
    public uint NextUInt32()
    {
        if (_used == 4)
        {
            _block = NextBlock();
            _used = 0;
        }

        return _used++ switch { 0 => _block.W0, 1 => _block.W1, 2 => _block.W2, _ => _block.W3 };
    }

    /// <summary>The next 64 uniform bits.</summary>
    public ulong NextUInt64() => ((ulong)NextUInt32() << 32) | NextUInt32();

    /// <summary>A uniform multiple of 2⁻⁵³ in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1L << 53));

    /// <summary>A uniform integer in [0, <paramref name="bound"/>), without the bias of a remainder.</summary>
    /// <param name="bound">At least 1.</param>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);

        // Multiply and keep the high word; the low words below 2³² mod bound are the surplus that would favour some results (Lemire 2019).
        var surplus = (uint)-bound % (uint)bound;
        ulong product;
        do
            product = (ulong)NextUInt32() * (uint)bound;
        while ((uint)product < surplus);
        return (int)(product >> 32);
    }

    /// <summary>A standard normal number: 32 bits through <see cref="NormalQuantile"/>, so at most 6.4 in size.</summary>
    public float NextGaussian() => NormalQuantile.OfBits(NextUInt32());

    /// <summary>Fills with standard normal numbers, the same ones that as many calls of <see cref="NextGaussian"/> would give.</summary>
    /// <param name="destination">Any length.</param>
    public void FillGaussian(Span<float> destination)
    {
        var at = 0;
        for (; at < destination.Length && _used < 4; at++)
            destination[at] = NextGaussian();
        for (; at + 4 <= destination.Length; at += 4)
        {
            var block = NextBlock();
            destination[at] = NormalQuantile.OfBits(block.W0);
            destination[at + 1] = NormalQuantile.OfBits(block.W1);
            destination[at + 2] = NormalQuantile.OfBits(block.W2);
            destination[at + 3] = NormalQuantile.OfBits(block.W3);
        }

        for (; at < destination.Length; at++)
            destination[at] = NextGaussian();
    }

    /// <summary>Fills with uniform multiples of 2⁻²⁴ in [0, 1), one 32-bit word each.</summary>
    /// <param name="destination">Any length.</param>
    public void FillUniform(Span<float> destination)
    {
        foreach (ref var value in destination)
            value = (NextUInt32() >> 8) * (1f / (1 << 24));
    }

    private PhiloxBlock NextBlock()
    {
        var counter = new PhiloxBlock(_nextBlock, _indexLow, _indexHighAndPurpose, _epoch);
        _nextBlock = checked(_nextBlock + 1);
        return Philox4x32.Block(counter, _key);
    }
}
