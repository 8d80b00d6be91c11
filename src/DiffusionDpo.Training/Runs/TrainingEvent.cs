using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Feedback;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage.Caching;
using DiffusionDpo.Training.HeldOut;
using DiffusionDpo.Training.Memory;
using DiffusionDpo.Training.Steps;

namespace DiffusionDpo.Training.Runs;

/// <summary>Something that happened in a run, told on the training thread; whoever listens must not keep it.</summary>
public abstract record TrainingEvent;

/// <summary>Nothing is loaded yet, and what memory it will take is estimated.</summary>
/// <param name="Verdict">The plan, beside what there is.</param>
public sealed record MemoryPlanned(MemoryVerdict Verdict) : TrainingEvent;

/// <summary>The images of a shard have their scores, of which labels will be made.</summary>
/// <param name="Progress">How many have.</param>
public sealed record ShardScored(FeedbackProgress Progress) : TrainingEvent;

/// <summary>A scorer has made the labels.</summary>
/// <param name="Scorer">Which scorer.</param>
/// <param name="Facts">What came out, beside people's labels.</param>
public sealed record PairsLabelled(ScorerType Scorer, FeedbackFacts Facts) : TrainingEvent;

/// <summary>Model and data are there; training begins or goes on.</summary>
/// <param name="Progress">Where it begins.</param>
/// <param name="Pairs">Training pairs.</param>
/// <param name="HeldOutPairs">Held-out pairs that will be measured.</param>
/// <param name="ResumedFrom">The checkpoint that it goes on from.</param>
public sealed record RunStarted(TrainingProgress Progress, int Pairs, int HeldOutPairs, string? ResumedFrom) : TrainingEvent
{
    /// <summary>All rows of the training shards, pairs or not.</summary>
    public long Rows { get; init; }

    /// <summary>Rows in which neither image is preferred.</summary>
    public long Ties { get; init; }

    /// <summary>Rows without a label.</summary>
    public long Unlabelled { get; init; }

    /// <summary>How it trains, with <c>gradientCheckpointing: auto</c> decided.</summary>
    public TrainingOptions Training { get; init; } = new();
}

/// <summary>An optimizer step is complete.</summary>
/// <param name="Report">Its numbers.</param>
/// <param name="Progress">How far the run is.</param>
public sealed record StepCompleted(StepReport Report, TrainingProgress Progress) : TrainingEvent;

/// <summary>A checkpoint is on disk.</summary>
/// <param name="Status">Which.</param>
/// <param name="Duration">How long it took.</param>
public sealed record CheckpointSaved(CheckpointStatus Status, TimeSpan Duration) : TrainingEvent;

/// <summary>Held-out implicit accuracy was measured.</summary>
/// <param name="Result">What came out.</param>
public sealed record HeldOutMeasured(HeldOutAccuracy Result) : TrainingEvent;

/// <summary>A row could not be used.</summary>
/// <param name="Row">Which, and why.</param>
public sealed record BadRowSkipped(BadRow Row) : TrainingEvent;

/// <summary>A shard could not be read and is passed over.</summary>
/// <param name="Shard">Which, and why.</param>
public sealed record BadShardSkipped(BadShard Shard) : TrainingEvent;

/// <summary>The disk cache cannot be used; reading goes on without it. Told once.</summary>
/// <param name="Reason">Which, and why.</param>
public sealed record DiskCacheFailed(string Reason) : TrainingEvent;

/// <summary>Training has read all the pairs that it will.</summary>
/// <param name="Reading">What that took.</param>
/// <param name="Waited">Time that steps waited for pairs.</param>
/// <param name="Cache">What the disk cache was good for; null: there is none.</param>
public sealed record PairsRead(ReadFigures Reading, TimeSpan Waited, DiskCacheFigures? Cache) : TrainingEvent;

/// <summary>The reference's errors of earlier runs were looked for.</summary>
/// <param name="Place">Where those of training are.</param>
/// <param name="Known">Visits to pairs whose errors are there.</param>
/// <param name="Needed">Visits that the run will make; where all are known it has no reference network.</param>
public sealed record ReferenceErrorsFound(string Place, long Known, long Needed) : TrainingEvent;

/// <summary>Errors that were kept are compared with those of this machine.</summary>
/// <param name="Logit">By how much a logit differs, at most.</param>
public sealed record ReferenceDriftMeasured(double Logit) : TrainingEvent;

/// <summary>Errors of the reference cannot be read or kept; training goes on.</summary>
/// <param name="Reason">Which, and why.</param>
public sealed record ReferenceCacheFailed(string Reason) : TrainingEvent;

/// <summary>Training has asked for all errors of the reference that it will.</summary>
/// <param name="Reused">Visits whose errors were known.</param>
/// <param name="Computed">Visits whose errors were computed.</param>
public sealed record ReferenceErrorsUsed(long Reused, long Computed) : TrainingEvent;
