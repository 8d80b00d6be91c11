namespace DiffusionDpo.Data.Feedback;

/// <summary>How often people and a scorer said what of the same row.</summary>
internal sealed class FeedbackCounts
{
    private const int First = (int)FeedbackVerdict.First;
    private const int Second = (int)FeedbackVerdict.Second;
    private const int Tie = (int)FeedbackVerdict.Tie;
    private const int Labels = 3; // these
    private const int Unlabelled = 3;

    private static readonly string[] Names = ["first", "second", "tie", "unlabelled"];

    private readonly long[,] _counts = new long[Labels + 1, Labels]; // [people's, scorer's]
    private readonly (double Sum, long Count)[] _margins = new (double, long)[2]; // of rows in which they disagree, agree

    /// <summary>Takes note of a row.</summary>
    /// <param name="human">People's label.</param>
    /// <param name="scorer">The scorer's.</param>
    /// <param name="margin">By how much the first image is better.</param>
    public void Add(char human, FeedbackVerdict scorer, double margin)
    {
        _counts[Index(human), (int)scorer]++;
        if (human is not (HumanLabel.First or HumanLabel.Second) || scorer == FeedbackVerdict.Tie) return;
        ref var margins = ref _margins[Index(human) == (int)scorer ? 1 : 0];
        margins = (margins.Sum + Math.Abs(margin), margins.Count + 1);
    }

    /// <summary>Rows in which both prefer an image.</summary>
    public long Compared => _margins[0].Count + _margins[1].Count;

    /// <summary>Share of these in which both prefer the same image; null where there is none.</summary>
    public double? Agreement => Compared > 0 ? (double)_margins[1].Count / Compared : null;

    /// <summary>Pairs of the scorer that people left undecided or unlabelled.</summary>
    public long PairsAdded => _counts[Tie, First] + _counts[Tie, Second] + _counts[Unlabelled, First] + _counts[Unlabelled, Second];

    /// <summary>People's pairs that are a tie for the scorer.</summary>
    public long PairsDropped => _counts[First, Tie] + _counts[Second, Tie];

    /// <summary>Cohen's kappa over the rows in which both prefer an image; null where it is not defined.</summary>
    public double? Kappa => KappaOver(Labels - 1);

    /// <summary>The same with ties as a third answer, over the rows that people labelled.</summary>
    public double? KappaWithTies => KappaOver(Labels);

    /// <summary>Mean difference of the scores where both prefer the same image, or not the same; null where there is no such row.</summary>
    public double? MeanMargin(bool agreeing) => _margins[agreeing ? 1 : 0] is { Count: > 0 } margins ? margins.Sum / margins.Count : null;

    /// <summary>Rows by what people said, and then by what the scorer says.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Table() => Names.Index().ToDictionary(
        human => human.Item,
        IReadOnlyDictionary<string, long> (human) => Names[..Labels].Index().ToDictionary(scorer => scorer.Item, scorer => _counts[human.Index, scorer.Index]));

    // (observed − expected) / (1 − expected); Cohen 1960. Not defined where one of both always says the same.
    private double? KappaOver(int labels)
    {
        double total = 0, same = 0, expected = 0;
        for (var human = 0; human < labels; human++)
        {
            for (var scorer = 0; scorer < labels; scorer++)
                total += _counts[human, scorer];
            same += _counts[human, human];
        }

        for (var label = 0; label < labels; label++)
        {
            double byHumans = 0, byScorer = 0;
            for (var other = 0; other < labels; other++)
                (byHumans, byScorer) = (byHumans + _counts[label, other], byScorer + _counts[other, label]);
            if (byHumans == total || byScorer == total) return null;
            expected += byHumans / total * (byScorer / total);
        }

        return ((same / total) - expected) / (1 - expected);
    }

    private static int Index(char human) => human switch
    {
        HumanLabel.First => First,
        HumanLabel.Second => Second,
        HumanLabel.Tie => Tie,
        _ => Unlabelled,
    };
}
