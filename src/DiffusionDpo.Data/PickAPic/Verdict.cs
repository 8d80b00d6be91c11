namespace DiffusionDpo.Data.PickAPic;

/// <summary>What the labels of a row say.</summary>
internal enum Verdict
{
    /// <summary>The first image is preferred.</summary>
    FirstWins,

    /// <summary>The second image is preferred.</summary>
    SecondWins,

    /// <summary>Neither is: no pair.</summary>
    Tie,

    /// <summary>Nobody has compared them: no pair.</summary>
    Unlabelled,

    /// <summary>The labels contradict each other or are no labels: a bad row.</summary>
    Contradictory,
}

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
            if (Label1 is { } other && other != 1 - Label0) return Verdict.Contradictory;
            return Label0 switch { 1 => Verdict.FirstWins, 0 => Verdict.SecondWins, 0.5 => Verdict.Tie, _ => Verdict.Contradictory };
        }
    }
}
