using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Feedback;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Training.Runs;

/// <summary>The pairs of a run, by the labels that its options name.</summary>
public static class TrainingPairs
{
    /// <summary>Below output.uri: scores of images, where a scorer makes the labels.</summary>
    public const string ScoresDirectory = "scores";

    /// <summary>The rows of the sources with their own labels. Where others are to come, the scorer is looked at first, but for its weights.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="stop">Stops between two row groups.</param>
    /// <exception cref="RunException">Input missing, data error or configuration error: of sources or scorer.</exception>
    public static PairManifest Scan(RunFile file, CancellationToken stop = default)
    {
        if (file.Data.Labels == LabelSource.Human) return PairManifest.Scan(Stores.Of(file.Storage), file.Data.Sources, file.Data.BadShards, stop);
        Scorer.Examine(FeedbackScorer.Of(file.Data.Feedback));
        return PairManifest.ScanRows(Stores.Of(file.Storage), file.Data.Sources, file.Data.BadShards, stop);
    }

    /// <summary>The pairs that are trained on, as far as that is known without computing a score; null: it is not.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="rows">What <see cref="Scan"/> gave.</param>
    /// <exception cref="RunException">Failures of scorer and storage by their own classes.</exception>
    public static PairManifest? Find(RunFile file, PairManifest rows)
    {
        if (file.Data.Labels == LabelSource.Human) return rows;
        return AiFeedback.FindRelabelled(Stores.Of(file.Storage), ScoresOf(file), Scorer.IdentityOf(FeedbackScorer.Of(file.Data.Feedback)), file.Data.Feedback.TieThreshold, rows);
    }

    /// <summary>The pairs that are trained on. Scores are computed where they are not there yet.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="rows">What <see cref="Scan"/> gave.</param>
    /// <param name="host">Told of every shard that is scored, and of what came out.</param>
    /// <param name="stop">Stops between two images; scores of whole shards are kept.</param>
    /// <exception cref="RunException">Preempted, saved: stopped. Data error: no pair is left. Failures of scorer, sources and storage by their own classes.</exception>
    internal static PairManifest Label(RunFile file, PairManifest rows, TrainingHost host, CancellationToken stop)
    {
        if (file.Data.Labels == LabelSource.Human) return rows;
        FeedbackOptions options = file.Data.Feedback;
        try
        {
            using Scorer scorer = Scorer.Load(FeedbackScorer.Of(options), ComputeDevices.Of(file.Training));
            AiFeedback feedback = new(Stores.Of(file.Storage), ScoresOf(file), scorer, options.TieThreshold) { OnShard = shard => host.OnEvent(new ShardScored(shard)) };
            (PairManifest labelled, FeedbackFacts facts) = feedback.Relabel(rows, stop);
            host.OnEvent(new PairsLabelled(options.Scorer, facts));
            return labelled;
        }
        catch (OperationCanceledException)
        {
            throw new RunException(ExitClass.PreemptedSaved, "stopped while images were scored; the scores of whole shards are kept; start the same run again to go on");
        }
        finally
        {
            HostAllocator.GiveBackFreedMemory();
        }
    }

    private static StorageUri ScoresOf(RunFile file) => StorageUri.Parse(file.Output.Uri).Combine(ScoresDirectory);
}
