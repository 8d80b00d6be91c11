using DiffusionDpo.Models.Scorers;
using static TorchSharp.torch;

namespace DiffusionDpo.Data.Feedback;

/// <summary>Scores row groups; an image with a prompt is scored once, in whichever group and shard it stands first. Serves one thread.</summary>
/// <param name="scorer">The scorer.</param>
/// <param name="threads">Threads that decode.</param>
internal sealed class GroupScoring(Scorer scorer, int threads)
{
    private readonly ImageBatches _batches = new(scorer, threads);
    private readonly Dictionary<ScoreKey, float> _known = [];

    /// <summary>Images that were embedded so far.</summary>
    public long Embedded { get; private set; }

    /// <summary>Scores that were computed so far.</summary>
    public long Computed { get; private set; }

    /// <summary>Takes over scores that were computed before.</summary>
    public void Learn(ScoredShard shard)
    {
        foreach (var (key, score) in shard.Groups.SelectMany(group => group.Scores()))
            _known[key] = score;
    }

    /// <summary>Scores all rows of a group.</summary>
    public ScoredGroup Score(IReadOnlyList<ShardRow> rows, CancellationToken cancellation)
    {
        RowToScore[] all = [.. rows.Select(row => RowToScore.Of(row, scorer.LooksAtPrompts))];
        var wanted = Wanted(all.Where(row => row.Reason is null));
        var reasons = Compute(wanted, cancellation);
        for (var row = 0; row < all.Length; row++)
            all[row] = all[row].WithReasonsOf(reasons);
        return Group(string.Concat(rows.Select(row => row.Human)), all);
    }

    /// <summary>What is not known yet, each once, in the order of the rows.</summary>
    private List<(ScoreKey Key, byte[] Image, string Prompt)> Wanted(IEnumerable<RowToScore> rows)
    {
        var seen = new HashSet<ScoreKey>();
        return [.. rows.SelectMany(row => ((ScoreKey, byte[], string)[])[(row.First, row.Image0!, row.Prompt!), (row.Second, row.Image1!, row.Prompt!)])
            .Where(each => !_known.ContainsKey(each.Item1) && seen.Add(each.Item1))];
    }

    /// <summary>Makes them known, but for images that cannot be decoded: those are returned with what is wrong with them.</summary>
    private Dictionary<UInt128, string> Compute(List<(ScoreKey Key, byte[] Image, string Prompt)> wanted, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var images = wanted.DistinctBy(each => each.Key.Image).ToList();
        var (directions, reasons) = _batches.EmbedImages([.. images.Select(each => each.Image)], cancellation);
        Embedded += images.Count;
        var prompts = wanted.DistinctBy(each => each.Key.Prompt).ToList();
        var ofPrompts = scorer.LooksAtPrompts ? _batches.EmbedPrompts([.. prompts.Select(each => each.Prompt)]) : null;
        var (imageRows, promptRows) = (Numbered(images.Select(each => each.Key.Image)), Numbered(prompts.Select(each => each.Key.Prompt)));
        var sound = wanted.Where(each => reasons[imageRows[each.Key.Image]] is null).ToList();
        var scores = _batches.Score(directions, ofPrompts, [.. sound.Select(each => (imageRows[each.Key.Image], promptRows[each.Key.Prompt]))]);
        foreach (var (each, score) in sound.Zip(scores))
            _known.Add(each.Key, score);
        Computed += sound.Count;
        return images.Index().Where(each => reasons[each.Index] is not null).ToDictionary(each => each.Item.Key.Image, each => reasons[each.Index]!);
    }

    private static Dictionary<UInt128, int> Numbered(IEnumerable<UInt128> keys) => keys.Index().ToDictionary(each => each.Item, each => each.Index);

    private ScoredGroup Group(string human, RowToScore[] rows) => new()
    {
        Human = human,
        Score0 = [.. rows.Select(row => row.Reason is null ? _known[row.First] : (float?)null)],
        Score1 = [.. rows.Select(row => row.Reason is null ? _known[row.Second] : (float?)null)],
        Image0 = [.. rows.Select(row => row.Reason is null ? $"{row.First.Image:x32}" : "")],
        Image1 = [.. rows.Select(row => row.Reason is null ? $"{row.Second.Image:x32}" : "")],
        Prompt = [.. rows.Select(row => row.Reason is null ? $"{row.First.Prompt:x32}" : "")],
        Bad = rows.Index().Where(each => each.Item.Reason is not null).ToDictionary(each => each.Index, each => each.Item.Reason!),
    };
}
