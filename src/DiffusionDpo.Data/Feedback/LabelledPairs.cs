using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Storage;
using static TorchSharp.torch;

namespace DiffusionDpo.Data.Feedback;

/// <summary>
/// The pairs of the training sources, by the labels that options name: for every stage the one way to its manifest. First <see cref="Scan"/>, which is quick,
/// then <see cref="Label"/>, which is not where images have no scores yet.
/// </summary>
/// <param name="stores">Where shards and scores are.</param>
/// <param name="data">The options.</param>
/// <param name="scores">Where scores are kept.</param>
/// <param name="scorer">The scorer's files on this machine; null where labels are people's.</param>
public sealed class LabelledPairs(Stores stores, DataOptions data, StorageUri scores, ScorerSource? scorer)
{
    /// <summary>Where the scorer computes; null: the CPU.</summary>
    public Device? Device { get; init; }

    /// <summary>Told of each shard that has its scores.</summary>
    public Action<FeedbackProgress> OnShard { get; init; } = static _ => { };

    private ScorerSource? Wanted => data.Labels == LabelSource.Human ? null : scorer ?? throw new InvalidOperationException("the scorer's files are nowhere");

    /// <summary>The rows of the sources with their own labels. Where others are to come, the scorer is looked at first, but for its weights.</summary>
    /// <param name="cancellation">Stops between two row groups.</param>
    /// <exception cref="RunException">Input missing, data error or configuration error: of sources or scorer.</exception>
    public PairManifest Scan(CancellationToken cancellation = default)
    {
        if (Wanted is not { } source) return PairManifest.Scan(stores, data.Sources, data.BadShards, cancellation);
        Scorer.Examine(source);
        return PairManifest.ScanRows(stores, data.Sources, data.BadShards, cancellation);
    }

    /// <summary>The pairs that are trained on, as far as that is known without computing a score; null: it is not.</summary>
    /// <param name="rows">What <see cref="Scan"/> gave.</param>
    /// <exception cref="RunException">Failures of scorer and storage by their own classes.</exception>
    public PairManifest? Find(PairManifest rows) => Wanted is { } source
        ? AiFeedback.FindRelabelled(stores, scores, Scorer.IdentityOf(source), data.Feedback.TieThreshold, rows)
        : rows;

    /// <summary>The pairs that are trained on. Scores are computed where they are not there yet.</summary>
    /// <param name="rows">What <see cref="Scan"/> gave.</param>
    /// <param name="cancellation">Stops between two images; scores of whole shards are kept.</param>
    /// <returns>The manifest, and what came out beside people's labels; null where these are the labels.</returns>
    /// <exception cref="RunException">Data error: no pair is left. Failures of scorer, sources and storage by their own classes.</exception>
    public (PairManifest Manifest, FeedbackFacts? Facts) Label(PairManifest rows, CancellationToken cancellation = default)
    {
        if (Wanted is not { } source) return (rows, null);
        using var loaded = Scorer.Load(source, Device);
        return new AiFeedback(stores, scores, loaded, data.Feedback.TieThreshold) { OnShard = OnShard }.Relabel(rows, cancellation);
    }

    /// <summary>Makes a worker's share of the scores that <see cref="Label"/> needs; nothing where labels are people's.</summary>
    /// <param name="rows">What <see cref="Scan"/> gave.</param>
    /// <param name="isMine">Which shards, by their numbers.</param>
    /// <param name="cancellation">Stops between two images; scores of whole shards are kept.</param>
    /// <exception cref="RunException">Failures of scorer, sources and storage by their own classes.</exception>
    public void Score(PairManifest rows, Func<int, bool> isMine, CancellationToken cancellation = default)
    {
        if (Wanted is not { } source) return;
        using var loaded = Scorer.Load(source, Device);
        new AiFeedback(stores, scores, loaded, data.Feedback.TieThreshold) { OnShard = OnShard }.Score(rows, isMine, cancellation);
    }
}
