namespace DiffusionDpo.Data.Pairs;

/// <summary>A pair at its place in the order.</summary>
/// <param name="GlobalIndex">The place.</param>
/// <param name="Epoch">Pass over the data.</param>
/// <param name="Lane">Lane of the epoch.</param>
/// <param name="Window">Window of the epoch, from which it is drawn.</param>
/// <param name="Pair">Number of the pair.</param>
internal readonly record struct OrderedVisit(long GlobalIndex, long Epoch, int Lane, int Window, int Pair);
