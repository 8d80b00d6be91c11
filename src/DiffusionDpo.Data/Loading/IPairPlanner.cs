using DiffusionDpo.Data.Pairs;

namespace DiffusionDpo.Data.Loading;

/// <summary>Where a loader's pairs come from: images that are decoded on every visit, or what was prepared of them.</summary>
internal interface IPairPlanner : IDisposable
{
    /// <summary>What has been read so far.</summary>
    ReadFigures Figures { get; }

    /// <summary>Begins to read what a visit needs. One thread plans, in the order of the visits.</summary>
    /// <param name="visit">The visit.</param>
    /// <param name="place">Its random draws.</param>
    /// <returns>Prepares the pair, on any thread; of a bad row, an empty pair of weight 0 and what is wrong with it.</returns>
    Func<Task<(PreferencePair Pair, BadRow? Bad)>> Plan(OrderedVisit visit, DrawPlace place);
}
