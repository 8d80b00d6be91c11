using DiffusionDpo.Data.Pairs;

namespace DiffusionDpo.Data.Feedback;

/// <summary>From scores to labels.</summary>
/// <param name="tieThreshold">Scores that differ by no more than this are a tie.</param>
internal sealed class Relabelling(double tieThreshold)
{
    /// <summary>What people and the scorer said, of all rows so far.</summary>
    public FeedbackCounts Counts { get; } = new();

    /// <summary>The shard with the scorer's labels in place of people's.</summary>
    public ManifestShard Apply(ManifestShard shard, ScoredShard scored) => shard with
    {
        Groups = [.. shard.Groups.Zip(scored.Groups).Select((each, number) => Apply(each.First, each.Second, shard.Info.Uri.ToString(), number))],
    };

    private ManifestGroup Apply(ManifestGroup group, ScoredGroup scored, string uri, int number)
    {
        var (pairs, ties) = (new List<LabelledRow>(), 0);
        for (var row = 0; row < scored.Rows; row++)
        {
            if (scored.MarginOf(row) is not { } margin) continue;
            var verdict = VerdictOf(margin);
            Counts.Add(scored.Human[row], verdict, margin);
            if (verdict == FeedbackVerdict.Tie) ties++;
            else pairs.Add(new LabelledRow(row, verdict == FeedbackVerdict.First));
        }

        BadRow[] bad = [.. scored.Bad.OrderBy(each => each.Key).Select(each => new BadRow(uri, number, each.Key, each.Value))];
        return group with { Pairs = [.. pairs], Ties = ties, Unlabelled = 0, BadRows = bad };
    }

    private FeedbackVerdict VerdictOf(double margin)
    {
        if (Math.Abs(margin) <= tieThreshold) return FeedbackVerdict.Tie;
        return margin > 0 ? FeedbackVerdict.First : FeedbackVerdict.Second;
    }
}
