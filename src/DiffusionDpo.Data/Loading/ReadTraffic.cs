namespace DiffusionDpo.Data.Loading;

/// <summary>What reading a group took.</summary>
/// <param name="Reads">Ranged reads.</param>
/// <param name="Bytes">Bytes that were read.</param>
/// <param name="Needed">Bytes that hold a wanted row: of its column chunks, members or images.</param>
internal readonly record struct ReadTraffic(int Reads, long Bytes, long Needed);
