namespace DiffusionDpo.Data.JsonLines;

/// <summary>A line of a file.</summary>
/// <param name="Start">First byte in the file.</param>
/// <param name="End">The byte after the last one, the newline not counted.</param>
/// <param name="Bytes">The line, until the next one is asked for; null where it is longer than any line that is taken.</param>
internal readonly record struct TextLine(long Start, long End, ReadOnlyMemory<byte>? Bytes);
