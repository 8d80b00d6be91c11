using DiffusionDpo.Data.Feedback;

namespace DiffusionDpo.Data.Preparation;

/// <summary>Something that happened while sources were prepared.</summary>
public abstract record PreparationEvent;

/// <summary>It is known what there is to do.</summary>
/// <param name="Place">Where it goes.</param>
/// <param name="Shards">Shards of the sources.</param>
/// <param name="Pairs">Pairs in them.</param>
/// <param name="Worker">This worker, from 0.</param>
/// <param name="Workers">All workers.</param>
public sealed record PreparationStarted(string Place, int Shards, int Pairs, int Worker, int Workers) : PreparationEvent
{
    /// <summary>Whether they are measured and not trained on.</summary>
    public bool IsHeldOut { get; init; }
}

/// <summary>How far it is.</summary>
/// <param name="Work">What is being done, such as <c>looking at rows</c>.</param>
/// <param name="Done">So many of it.</param>
/// <param name="Total">Of so many.</param>
/// <param name="PerSecond">Rate since it began.</param>
public sealed record PreparationProgress(string Work, long Done, long Total, double PerSecond) : PreparationEvent
{
    /// <summary>Until it is done; null where that is unknown.</summary>
    public TimeSpan? Remaining => PerSecond > 0 ? TimeSpan.FromSeconds((Total - Done) / PerSecond) : null;
}

/// <summary>Other workers have not come so far.</summary>
/// <param name="For">What is waited for.</param>
/// <param name="Missing">How many of it.</param>
/// <param name="First">One of them.</param>
public sealed record PreparationWaiting(string For, int Missing, string First) : PreparationEvent;

/// <summary>The images of a shard have their scores.</summary>
/// <param name="Progress">How many of this worker's shards have.</param>
public sealed record PreparationScored(FeedbackProgress Progress) : PreparationEvent;

/// <summary>This worker's share is done; of worker 0: everything.</summary>
/// <param name="Place">Where it is.</param>
/// <param name="Facts">What there is; null of other workers, and where it was complete before.</param>
/// <param name="Figures">What this worker did.</param>
public sealed record PreparationDone(string Place, PreparationFacts? Facts, PreparationFigures Figures) : PreparationEvent;

/// <summary>What a worker did, and how long its parts took.</summary>
/// <param name="Images">Images encoded.</param>
/// <param name="Prompts">Prompts encoded.</param>
/// <param name="Reused">Objects that were there already.</param>
/// <param name="Total">All its time.</param>
/// <param name="Encoding">Of it, from the first image or prompt to the last.</param>
/// <param name="InAutoencoder">Of that, in the autoencoder.</param>
/// <param name="InTextEncoders">Of that, in the text encoders.</param>
public sealed record PreparationFigures(
    long Images, long Prompts, int Reused, TimeSpan Total, TimeSpan Encoding, TimeSpan InAutoencoder, TimeSpan InTextEncoders);
