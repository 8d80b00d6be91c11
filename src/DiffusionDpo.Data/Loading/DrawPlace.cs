using DiffusionDpo.Data.Randomness;

namespace DiffusionDpo.Data.Loading;

/// <summary>The visit to a pair for which something is drawn.</summary>
internal readonly record struct DrawPlace(long Seed, long Epoch, long GlobalIndex)
{
    /// <summary>The random numbers of this visit for one purpose.</summary>
    public CounterRandom Draw(DrawPurpose purpose) => new(Seed, Epoch, GlobalIndex, purpose);
}
