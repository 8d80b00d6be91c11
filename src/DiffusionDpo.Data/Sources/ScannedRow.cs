namespace DiffusionDpo.Data.Sources;

/// <summary>A row as it is seen without looking at an image.</summary>
/// <param name="Verdict">Which image wins.</param>
/// <param name="Reason">What is wrong with a bad row, one line.</param>
internal readonly record struct ScannedRow(Verdict Verdict, string? Reason = null)
{
    /// <summary>A bad row.</summary>
    public static ScannedRow Bad(string reason) => new(Verdict.Bad, reason);
}
