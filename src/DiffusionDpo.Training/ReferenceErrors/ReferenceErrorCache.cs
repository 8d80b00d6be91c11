using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Storage;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Training.ReferenceErrors;

/// <summary>What the reference's errors are on the visits of a run, from this and earlier runs. One thread uses it.</summary>
internal sealed class ReferenceErrorCache
{
    private readonly ErrorSet training;
    private readonly ErrorSet? heldOut;
    private readonly Action<TrainingEvent> onEvent;
    private readonly long cursor;

    private ReferenceErrorCache(ErrorSet training, ErrorSet? heldOut, long cursor, Action<TrainingEvent> onEvent) =>
        (this.training, this.heldOut, this.cursor, this.onEvent) = (training, heldOut, cursor, onEvent);

    /// <summary>Whether all that the run will ask for is known: it needs no reference.</summary>
    public bool IsComplete => Known == Needed;

    private long Needed => training.Known.Count - cursor + (heldOut?.Known.Count ?? 0);

    private long Known => training.Known.KnownFrom(cursor) + (heldOut?.Known.KnownFrom(0) ?? 0);

    /// <summary>Reads what there is.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="data">What was prepared.</param>
    /// <param name="parts">The base model and the training pairs.</param>
    /// <param name="cursor">Visits that the run has made already.</param>
    /// <param name="stores">Where it is.</param>
    /// <param name="onEvent">Told what there is, and what of it is damaged.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="RunException">Storage failed. Configuration error: the run is too large.</exception>
    public static ReferenceErrorCache Open(RunFile file, RunData data, ReferenceParts parts, long cursor, Stores stores, Action<TrainingEvent> onEvent, CancellationToken stop)
    {
        StorageUri cache = StorageUri.Parse(file.Data.CacheUri!);
        long visits = (long)file.Training.Steps!.Value * file.Training.GlobalBatch!.Value;
        ErrorSet training = Set(ReferenceIdentity.OfTraining(file, parts), visits);
        ErrorSet? heldOut = data.HeldOutCache is not { } held ? null : Set(
            ReferenceIdentity.OfHeldOut(file, parts with { PairsHash = held.Manifest.Hash, ContentKey = held.ContentKey }),
            (long)Math.Min(held.Manifest.Pairs, file.Evaluation.HeldOutPairs) * file.Evaluation.TimestepsPerPair);
        ReferenceErrorCache opened = new(training, heldOut, cursor, onEvent);
        onEvent(new ReferenceErrorsFound($"{training.Place.Uri}", opened.Known, opened.Needed));
        return opened;

        ErrorSet Set(ReferenceIdentity identity, long count)
        {
            ErrorSet set = new(new(stores, cache, identity), new(count));
            set.Place.Read(set.Known, reason => onEvent(new ReferenceCacheFailed(reason)), stop);
            return set;
        }
    }

    /// <summary>The errors that a batch belongs to.</summary>
    /// <param name="visits">Of the batch.</param>
    public ErrorSet Of(PairVisits visits) => visits.AreHeldOut ? heldOut! : training;

    /// <summary>Told of how far kept errors are from those computed now, of a logit.</summary>
    /// <param name="drift">How far.</param>
    public void Report(double drift) => onEvent(new ReferenceDriftMeasured(drift));

    /// <summary>Brings what was computed to the host.</summary>
    public void Collect()
    {
        training.Collect();
        heldOut?.Collect();
    }

    /// <summary>Writes what is new. A run does not end because that fails: it is said, and tried again the next time.</summary>
    public void Save()
    {
        try
        {
            training.Save();
            heldOut?.Save();
        }
        catch (RunException exception)
        {
            onEvent(new ReferenceCacheFailed($"reference errors are not kept: {exception.Message}; the next checkpoint tries again"));
        }
    }

    /// <summary>Says what it was good for.</summary>
    public void Conclude() => onEvent(new ReferenceErrorsUsed(training.Reused + (heldOut?.Reused ?? 0), training.Computed + (heldOut?.Computed ?? 0)));
}
