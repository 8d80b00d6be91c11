namespace DiffusionDpo.Operator.Attempts;

/// <summary>How an attempt ended: the exit classes of trainers, and what only the cluster can tell. Reasons of conditions are these words.</summary>
internal enum AttemptClass
{
    /// <summary>The stage did its work.</summary>
    Succeeded,

    /// <summary>The trainer was started with wrong arguments.</summary>
    UserError,

    /// <summary>A data shard is bad.</summary>
    DataError,

    /// <summary>An input does not exist.</summary>
    InputMissing,

    /// <summary>A defect of the trainer.</summary>
    InternalError,

    /// <summary>Storage failed.</summary>
    StorageError,

    /// <summary>A passing fault.</summary>
    Transient,

    /// <summary>Storage refused the credentials.</summary>
    AuthError,

    /// <summary>The fine-tune asks for something impossible.</summary>
    ConfigurationError,

    /// <summary>Too little GPU memory.</summary>
    CudaOutOfMemory,

    /// <summary>Every rank lost another one.</summary>
    PeerLost,

    /// <summary>The GPU or its driver failed.</summary>
    GpuFault,

    /// <summary>Loss or gradient is not finite.</summary>
    Diverged,

    /// <summary>No progress.</summary>
    Hang,

    /// <summary>A checkpoint does not match its manifest.</summary>
    CheckpointCorrupt,

    /// <summary>Stopped and saved.</summary>
    PreemptedSaved,

    /// <summary>No retry can help.</summary>
    NeverRestart,

    /// <summary>The container used more memory than its limit.</summary>
    HostOutOfMemory,

    /// <summary>The cluster took a pod away.</summary>
    Preempted,

    /// <summary>A pod or its Job is gone and left no evidence.</summary>
    Vanished,

    /// <summary>A trainer ended in a way that it does not explain.</summary>
    Unknown,

    /// <summary>The operator stopped it: the fine-tune is suspended.</summary>
    Suspended,

    /// <summary>The operator stopped it before it ran: it could not start, and spec.workers has changed since.</summary>
    Replaced,

    /// <summary>The operator stopped it: the run's deadline has passed.</summary>
    DeadlineExceeded,
}
