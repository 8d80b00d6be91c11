using DiffusionDpo.Data.Sources;

namespace DiffusionDpo.Data.PickAPic;

/// <summary>The labels of a row.</summary>
/// <param name="HasLabel">The column has_label; true where there is no such column.</param>
/// <param name="Label0">The column label_0.</param>
/// <param name="Label1">The column label_1; null where there is no such column.</param>
internal readonly record struct RowLabels(bool? HasLabel, double? Label0, double? Label1)
{
    /// <summary>Which image wins. label_0 decides, label_1 must not contradict it.</summary>
    public Verdict Verdict
    {
        get
        {
            if (HasLabel == false || Label0 is null) return Verdict.Unlabelled;
            if (Label1 is { } other && other != 1 - Label0) return Verdict.Bad;
            return Label0 switch { 1 => Verdict.FirstWins, 0 => Verdict.SecondWins, 0.5 => Verdict.Tie, _ => Verdict.Bad };
        }
    }

    /// <summary>The row as a manifest takes it.</summary>
    public ScannedRow Scanned =>
        Verdict == Verdict.Bad ? ScannedRow.Bad($"label_0 {Label0} and label_1 {Label1} are no preference") : new ScannedRow(Verdict);
}
