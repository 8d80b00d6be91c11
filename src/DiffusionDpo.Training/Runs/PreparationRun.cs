using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Feedback;
using DiffusionDpo.Data.Preparation;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Training.Runs;

/// <summary>The Prepare stage of a run.</summary>
public static class PreparationRun
{
    /// <summary>Encodes this worker's share of the images and prompts, and scores it where a scorer makes the labels, on a thread of its own.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="model">The base model's directory.</param>
    /// <param name="scorer">The files of the scorer; null where labels are people's.</param>
    /// <param name="share">Which worker this is, and of how many.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onEvent">Told of what happens.</param>
    /// <param name="stop">What is written stays, and the next start goes on there.</param>
    /// <exception cref="RunException">Preempted, saved: stopped. Data, input and storage failures by their own classes.</exception>
    public static void Execute(RunFile file, string model, ScorerSource? scorer, (int Worker, int Workers) share, TimeProvider time, Action<PreparationEvent> onEvent, CancellationToken stop) => DedicatedThread.Run("preparing", () =>
    {
        PreparationSettings settings = new()
        {
            Stores = Stores.Of(file.Storage),
            Data = file.Data,
            Identity = IdentityOf(file, model),
            LoadEncoders = () => FrozenEncoders.Load(model, ComputeDevices.Use(file.Training), NumberFormats.Of(file.Training.Precision!.Value), file.Model.Family),
            Worker = share.Worker,
            Workers = share.Workers,
            OnEvent = onEvent,
            Time = time,
        };
        try
        {
            SourcePreparation.Run(settings, stop);
            Score(file, scorer, share, onEvent, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            throw new RunException(ExitClass.PreemptedSaved, "stopped; what is prepared stays, and starting the same again goes on there");
        }
        finally
        {
            HostAllocator.GiveBackFreedMemory();
        }
    });

    private static void Score(RunFile file, ScorerSource? scorer, (int Worker, int Workers) share, Action<PreparationEvent> onEvent, CancellationToken stop)
    {
        if (scorer is null) return;
        LabelledPairs pairs = TrainingPairs.Of(file, scorer, happened => onEvent(new PreparationScored(((ShardScored)happened).Progress)));
        pairs.Score(pairs.Scan(stop), shard => shard % share.Workers == share.Worker, stop);
    }

    /// <summary>What a run's images and prompts become.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="model">The base model's directory.</param>
    internal static CacheIdentity IdentityOf(RunFile file, string model) =>
        CacheIdentity.Of(model, file.Data, NumberFormats.Of(file.Training.Precision!.Value), ComputeDevices.Of(file.Training).type, file.Training.Tf32);
}
