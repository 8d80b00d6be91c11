namespace DiffusionDpo.Training.Runs;

/// <summary>What a run gets from the process around it.</summary>
public sealed record TrainingHost
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told of everything that happens, on the training thread.</summary>
    public Action<TrainingEvent> OnEvent { get; init; } = static _ => { };

    /// <summary>Where things are; null: all of them where the run file says, on this machine.</summary>
    public RunPlaces? Places { get; init; }

    /// <summary>Threads that read and decode ahead.</summary>
    public int LoaderThreads { get; init; } = 1;

    /// <summary>Goes on from an earlier checkpoint where the newest is corrupt, instead of failing.</summary>
    public bool PassOverCorruptCheckpoints { get; init; }

    /// <summary>Goes on from a checkpoint before this step: training diverged after the newest one. Unset: from the newest.</summary>
    public int? ResumeBeforeStep { get; init; }

    /// <summary>Begins a run for which there is too little memory by its plan.</summary>
    public bool IgnoresMemoryPlan { get; init; }

    /// <summary>Memory that the process may have, in bytes; null: it is looked up.</summary>
    public long? AvailableMemory { get; init; }
}
