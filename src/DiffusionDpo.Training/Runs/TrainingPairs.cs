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

    /// <summary>The way to the pairs of a run.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="scorer">The files of its scorer; null where labels are people's.</param>
    /// <param name="onEvent">Told of every shard that is scored.</param>
    public static LabelledPairs Of(RunFile file, ScorerSource? scorer, Action<TrainingEvent>? onEvent = null) =>
        new(Stores.Of(file.Storage), file.Data, StorageUri.Parse(file.Output.Uri).Combine(ScoresDirectory), scorer)
        {
            Device = ComputeDevices.Use(file.Training), OnShard = shard => onEvent?.Invoke(new ShardScored(shard)),
        };

    /// <summary>The pairs that are trained on; a stop while they are scored is one that has saved what it could.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="rows">The rows of its sources.</param>
    /// <param name="scorer">The files of its scorer.</param>
    /// <param name="host">Told of every shard that is scored, and of what came out.</param>
    /// <param name="stop">Stops between two images.</param>
    /// <exception cref="RunException">Preempted, saved: stopped. As <see cref="LabelledPairs.Label"/>.</exception>
    internal static PairManifest Label(RunFile file, PairManifest rows, ScorerSource? scorer, TrainingHost host, CancellationToken stop)
    {
        if (file.Data.Labels == LabelSource.Human) return rows;
        try
        {
            (PairManifest labelled, FeedbackFacts? facts) = Of(file, scorer, host.OnEvent).Label(rows, stop);
            host.OnEvent(new PairsLabelled(file.Data.Feedback.Scorer, facts!));
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
}
