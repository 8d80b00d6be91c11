using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Feedback;

/// <summary>
/// Labels by a scorer in place of people's (data.labels: aiFeedback): of every row with two images and a prompt, the image with the higher score wins.
/// Scores are kept as an object for each shard, so a stopped run goes on where it was, and another threshold costs nothing. What comes out is a pure
/// function of the shards and the scorer, whatever was there already. Serves one thread.
/// </summary>
/// <param name="stores">Where shards and scores are.</param>
/// <param name="directory">Where scores are kept.</param>
/// <param name="scorer">The scorer.</param>
/// <param name="tieThreshold">Scores that differ by no more than this are a tie, which is no pair.</param>
public sealed class AiFeedback(Stores stores, StorageUri directory, Scorer scorer, double tieThreshold)
{
    private readonly ScoreCache _cache = new(stores, directory, scorer.Identity);

    /// <summary>Threads that decode images while a batch is embedded.</summary>
    public int DecodingThreads { get; init; } = Math.Max(1, Environment.ProcessorCount - 1);

    /// <summary>Told of each shard.</summary>
    public Action<FeedbackProgress> OnShard { get; init; } = static _ => { };

    /// <summary>The manifest of the same shards with the scorer's labels, and with it another hash.</summary>
    /// <param name="manifest">The manifest with people's labels.</param>
    /// <param name="cancellation">Stops between two batches; whole shards stay.</param>
    /// <exception cref="RunException">
    /// Data error: a shard has changed since it was scanned, or no pair is left. Input, storage and authentication failures by their own classes.
    /// </exception>
    public (PairManifest Manifest, FeedbackFacts Facts) Relabel(PairManifest manifest, CancellationToken cancellation = default)
    {
        var (labels, scoring, reused) = (new Relabelling(tieThreshold), new GroupScoring(scorer, DecodingThreads), 0);
        var shards = new List<ManifestShard>();
        foreach (var shard in manifest.Shards)
        {
            var (scored, isReused) = FindOrScore(shard, scoring, cancellation);
            if (isReused) reused++;
            shards.Add(labels.Apply(shard, scored));
            OnShard(new(shard.Info.Uri.ToString(), shards.Count, manifest.Shards.Count, isReused, scoring.Embedded));
        }

        var relabelled = new PairManifest(shards) { BadShards = manifest.BadShards };
        if (relabelled.Pairs == 0) throw NothingLeft(relabelled);
        return (relabelled, Facts(relabelled, labels.Counts) with
        {
            ImagesEmbedded = scoring.Embedded, ScoresComputed = scoring.Computed, ShardsReused = reused, ShardsScored = shards.Count - reused,
        });
    }

    /// <summary>Makes the scores of some shards that <see cref="Relabel"/> would make: a worker's share, beside others that make theirs.</summary>
    /// <param name="manifest">The manifest with people's labels.</param>
    /// <param name="isMine">Which shards, by their numbers.</param>
    /// <param name="cancellation">Stops between two images; whole shards stay.</param>
    /// <exception cref="RunException">As <see cref="Relabel"/>, but that no pair need be left.</exception>
    public void Score(PairManifest manifest, Func<int, bool> isMine, CancellationToken cancellation = default)
    {
        var (scoring, done) = (new GroupScoring(scorer, DecodingThreads), 0);
        ManifestShard[] mine = [.. manifest.Shards.Where((_, number) => isMine(number))];
        foreach (var shard in mine)
        {
            var (_, isReused) = FindOrScore(shard, scoring, cancellation);
            OnShard(new(shard.Info.Uri.ToString(), ++done, mine.Length, isReused, scoring.Embedded));
        }
    }

    /// <summary>What <see cref="Relabel"/> would give, where all scores are there already; null where some are not. Nothing is written.</summary>
    /// <param name="stores">Where the scores are.</param>
    /// <param name="directory">Where scores are kept.</param>
    /// <param name="scorer">The scorer's identity.</param>
    /// <param name="tieThreshold">Scores that differ by no more than this are a tie.</param>
    /// <param name="manifest">The manifest with people's labels.</param>
    public static PairManifest? FindRelabelled(Stores stores, StorageUri directory, string scorer, double tieThreshold, PairManifest manifest)
    {
        var (cache, labels, shards) = (new ScoreCache(stores, directory, scorer), new Relabelling(tieThreshold), new List<ManifestShard>());
        foreach (var shard in manifest.Shards)
        {
            if (cache.FindAsync(shard, CancellationToken.None).AsTask().GetAwaiter().GetResult() is not { } scored) return null;
            shards.Add(labels.Apply(shard, scored));
        }

        return new PairManifest(shards) { BadShards = manifest.BadShards } is { Pairs: > 0 } relabelled ? relabelled : null;
    }

    private (ScoredShard Scored, bool IsReused) FindOrScore(ManifestShard shard, GroupScoring scoring, CancellationToken cancellation)
    {
        if (_cache.FindAsync(shard, cancellation).AsTask().GetAwaiter().GetResult() is not { } found) return (Score(shard, scoring, cancellation), false);
        scoring.Learn(found);
        return (found, true);
    }

    private ScoredShard Score(ManifestShard shard, GroupScoring scoring, CancellationToken cancellation)
    {
        var groups = ShardRows.ReadAsync(stores, shard, cancellation).Select(rows => scoring.Score(rows, cancellation)).ToBlockingEnumerable(cancellation).ToList();
        var scored = new ScoredShard { Scorer = scorer.Identity, Shard = shard.Name, Size = shard.Info.Size, ETag = shard.Info.ETag, Groups = groups };
        _cache.WriteAsync(shard, scored, cancellation).AsTask().GetAwaiter().GetResult();
        return scored;
    }

    private FeedbackFacts Facts(PairManifest manifest, FeedbackCounts counts) => new()
    {
        Scorer = scorer.Identity,
        TieThreshold = tieThreshold,
        Rows = manifest.Rows,
        BadRows = manifest.BadRows.Count,
        Pairs = manifest.Pairs,
        Ties = manifest.Ties,
        PairsAdded = counts.PairsAdded,
        PairsDropped = counts.PairsDropped,
        Compared = counts.Compared,
        Agreement = counts.Agreement,
        Kappa = counts.Kappa,
        KappaWithTies = counts.KappaWithTies,
        Confusion = counts.Table(),
        MeanMarginAgreeing = counts.MeanMargin(agreeing: true),
        MeanMarginDisagreeing = counts.MeanMargin(agreeing: false),
        Place = _cache.Place.ToString(),
    };

    private RunException NothingLeft(PairManifest manifest) => new(
        ExitClass.DataError,
        $"no pair is left of {manifest.Rows} rows by the scorer: {manifest.Ties} ties (data.feedback.tieThreshold {tieThreshold}), {manifest.BadRows.Count} bad; "
        + "lower the threshold, or choose another scorer or other sources");
}
