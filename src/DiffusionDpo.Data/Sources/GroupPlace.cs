namespace DiffusionDpo.Data.Sources;

/// <summary>Where a shard has a group of rows.</summary>
/// <param name="Number">Groups before it in the shard.</param>
/// <param name="Offset">First byte, for formats without an index of their own; 0 otherwise.</param>
/// <param name="Length">Bytes, for formats without an index of their own; 0 otherwise.</param>
internal readonly record struct GroupPlace(int Number, long Offset = 0, long Length = 0);
