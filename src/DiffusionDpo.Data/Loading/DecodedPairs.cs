using DiffusionDpo.Data.Pairs;

namespace DiffusionDpo.Data.Loading;

/// <summary>Pairs whose images are decoded on every visit.</summary>
/// <param name="groups">The row groups.</param>
/// <param name="preparation">From row groups to pairs.</param>
internal sealed class DecodedPairs(GroupReads groups, PairPreparation preparation) : IPairPlanner
{
    /// <inheritdoc/>
    public ReadFigures Figures => groups.Figures;

    /// <inheritdoc/>
    public Func<Task<(PreferencePair Pair, BadRow? Bad)>> Plan(OrderedVisit visit, DrawPlace place)
    {
        var group = groups.Of(visit);
        return async () => preparation.Prepare(visit.Pair, place, await group.ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public void Dispose() => groups.Dispose();
}
