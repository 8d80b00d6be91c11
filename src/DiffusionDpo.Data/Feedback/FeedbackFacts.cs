namespace DiffusionDpo.Data.Feedback;

/// <summary>What came of labels by a scorer, beside those of people.</summary>
public sealed record FeedbackFacts
{
    /// <summary>The scorer's identity: SHA-256 of its weights, its tokenizer, what it does to images, and its rule.</summary>
    public required string Scorer { get; init; }

    /// <summary>Scores that differ by no more than this are a tie.</summary>
    public required double TieThreshold { get; init; }

    /// <summary>All rows.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows that have no scores: an image or the prompt is missing or damaged, or the labels contradict each other.</summary>
    public required long BadRows { get; init; }

    /// <summary>Rows in which the scorer prefers an image: the pairs that are trained on.</summary>
    public required long Pairs { get; init; }

    /// <summary>Rows that are a tie for the scorer.</summary>
    public required long Ties { get; init; }

    /// <summary>Pairs that people left undecided or unlabelled.</summary>
    public required long PairsAdded { get; init; }

    /// <summary>People's pairs that are a tie for the scorer.</summary>
    public required long PairsDropped { get; init; }

    /// <summary>Pairs of people and scorer.</summary>
    public required long Compared { get; init; }

    /// <summary>Share of <see cref="Compared"/> in which both prefer the same image; null where there is none.</summary>
    public double? Agreement { get; init; }

    /// <summary>Cohen's kappa over <see cref="Compared"/>: agreement beyond chance; null where one of both always says the same.</summary>
    public double? Kappa { get; init; }

    /// <summary>Cohen's kappa over all rows that people labelled, with ties as a third answer.</summary>
    public double? KappaWithTies { get; init; }

    /// <summary>Rows by what people said (first, second, tie, unlabelled) and what the scorer says (first, second, tie).</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Confusion { get; init; }

    /// <summary>Mean difference of the two scores where both prefer the same image.</summary>
    public double? MeanMarginAgreeing { get; init; }

    /// <summary>Mean difference of the two scores where they prefer different ones; a scorer that knows its doubts has a smaller one here.</summary>
    public double? MeanMarginDisagreeing { get; init; }

    /// <summary>Images that were embedded now.</summary>
    public long ImagesEmbedded { get; init; }

    /// <summary>Scores that were computed now, one for each image with a prompt.</summary>
    public long ScoresComputed { get; init; }

    /// <summary>Shards whose scores were there already.</summary>
    public int ShardsReused { get; init; }

    /// <summary>Shards that were scored now.</summary>
    public int ShardsScored { get; init; }

    /// <summary>The directory that holds the scores.</summary>
    public required string Place { get; init; }
}
