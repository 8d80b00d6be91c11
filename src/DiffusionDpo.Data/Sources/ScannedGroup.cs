namespace DiffusionDpo.Data.Sources;

/// <summary>Rows of a shard that are read together.</summary>
/// <param name="Place">Where they are.</param>
/// <param name="Rows">All rows in order, pairs or not.</param>
internal sealed record ScannedGroup(GroupPlace Place, IReadOnlyList<ScannedRow> Rows);
