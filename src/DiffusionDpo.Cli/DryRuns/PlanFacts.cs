using DiffusionDpo.Api.Plans;
using DiffusionDpo.Training.Memory;

namespace DiffusionDpo.Cli.DryRuns;

/// <summary>What a run would do, need and take. What could not be found out because of a problem is null.</summary>
internal sealed record PlanFacts
{
    /// <summary>Name of the fine-tune.</summary>
    public required string Name { get; init; }

    /// <summary>The stages in order.</summary>
    public required IReadOnlyList<Stage> Stages { get; init; }

    /// <summary>All options resolved.</summary>
    public required RunFile Options { get; init; }

    /// <summary>The base model.</summary>
    public ModelFacts? Model { get; init; }

    /// <summary>The training pairs.</summary>
    public DataFacts? Data { get; init; }

    /// <summary>The held-out pairs.</summary>
    public DataFacts? HeldOut { get; init; }

    /// <summary>Steps, batches, passes over the data.</summary>
    public required ScheduleFacts Schedule { get; init; }

    /// <summary>Where the run would be, and from where it would go on.</summary>
    public required OutputFacts Output { get; init; }

    /// <summary>What it writes.</summary>
    public DiskFacts? Disk { get; init; }

    /// <summary>Memory, estimated.</summary>
    public MemoryFacts? Memory { get; init; }

    /// <summary>Time, and on what basis.</summary>
    public required TimeFacts Time { get; init; }

    /// <summary>What does not keep a run from starting and deserves a look.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Why it could not start; the first decides the exit code.</summary>
    public required IReadOnlyList<Problem> Problems { get; init; }

    /// <summary>Whether it could start.</summary>
    public bool CanStart => Problems.Count == 0;

    /// <summary>How <c>ddpo run</c> would end at once; 0: it would start.</summary>
    public int ExitCode => Problems.Count == 0 ? 0 : Problems[0].Code;
}

/// <summary>A base model, by the headers of its files.</summary>
/// <param name="Source">Its directory.</param>
/// <param name="Trained">Parameters that are trained: the UNet's, or those of its adapters.</param>
/// <param name="Frozen">Parameters that are not.</param>
/// <param name="UNet">Parameters of the UNet, all of which are exported.</param>
/// <param name="FrozenBytes">Bytes of autoencoder and text encoders in their files.</param>
/// <param name="Bytes">Bytes of all files.</param>
internal sealed record ModelFacts(string Source, long Trained, long Frozen, long UNet, long FrozenBytes, long Bytes);

/// <summary>Preference shards, by their footers and label columns.</summary>
/// <param name="Shards">Files.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Pairs">Rows with a preference.</param>
/// <param name="Ties">Rows without one.</param>
/// <param name="Unlabelled">Rows without a label.</param>
/// <param name="Bad">Rows whose labels contradict each other.</param>
internal sealed record DataFacts(int Shards, long Rows, int Pairs, long Ties, long Unlabelled, int Bad);

/// <summary>Steps and batches.</summary>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="StepsLeft">Of these, those that are still to do.</param>
/// <param name="GlobalBatch">Pairs per step.</param>
/// <param name="MicroBatch">Pairs per forward and backward pass.</param>
/// <param name="Accumulation">Passes per step and process.</param>
/// <param name="World">Processes.</param>
/// <param name="Epochs">Passes over the data; null where they are unknown.</param>
internal sealed record ScheduleFacts(int Steps, int StepsLeft, int GlobalBatch, int MicroBatch, int Accumulation, int World, double? Epochs);

/// <summary>Where a run would be.</summary>
/// <param name="Directory">Its directory.</param>
/// <param name="State"><c>new</c>, <c>resumes</c>, <c>finished</c> or <c>unknown</c>.</param>
/// <param name="Checkpoint">The checkpoint from which it would go on.</param>
/// <param name="Step">The step of that.</param>
internal sealed record OutputFacts(string Directory, string State, string? Checkpoint, int? Step);

/// <summary>What a run writes.</summary>
/// <param name="Checkpoints">Checkpoints that are still to be written.</param>
/// <param name="Kept">Of all, those that are there at the end.</param>
/// <param name="CheckpointBytes">Size of one.</param>
/// <param name="ModelBytes">Size of the exported model.</param>
/// <param name="CacheBytes">What is prepared of images and prompts, at most: of pairs that share none.</param>
/// <param name="NeededBytes">Room that is needed besides what is there, if all is on one file system.</param>
/// <param name="FreeBytes">Room on the file system; null: unknown.</param>
internal sealed record DiskFacts(int Checkpoints, int Kept, long CheckpointBytes, long ModelBytes, long CacheBytes, long NeededBytes, long? FreeBytes);

/// <summary>Memory, estimated; bytes.</summary>
/// <param name="Plan">By its use.</param>
/// <param name="Available">Memory that this process may have; null where the networks are on a GPU, which is not asked.</param>
/// <param name="MeasuredPeak">The most that was resident while a step was tried; null where none was.</param>
internal sealed record MemoryFacts(MemoryPlan Plan, long? Available, long? MeasuredPeak)
{
    /// <summary>All of it.</summary>
    public long Total => Plan.Total;
}

/// <summary>How long a run takes.</summary>
/// <param name="Basis">On what the estimate stands; where there is none, how to get one.</param>
/// <param name="SecondsPerStep">One optimizer step.</param>
/// <param name="TotalSeconds">All steps that are left, and the held-out measurements.</param>
internal sealed record TimeFacts(string Basis, double? SecondsPerStep = null, double? TotalSeconds = null);
