namespace DiffusionDpo.Api.Failures;

/// <summary>
/// How a trainer process ended: its exit code, and the operator's evidence for what to do next (operator contract, exit classes).
/// </summary>
public enum ExitClass
{
    /// <summary>The stage did its work.</summary>
    Succeeded = 0,

    /// <summary>The arguments are wrong.</summary>
    UserError = 64,

    /// <summary>A data shard is missing content or is corrupt; too many rows are bad.</summary>
    DataError = 65,

    /// <summary>An input that was named does not exist or cannot be opened.</summary>
    InputMissing = 66,

    /// <summary>A defect of this program.</summary>
    InternalError = 70,

    /// <summary>Writing or reading storage failed in a way that a retry may cure (full disk, I/O error).</summary>
    StorageError = 74,

    /// <summary>A passing fault outside this process.</summary>
    Transient = 75,

    /// <summary>Credentials are missing, wrong or expired.</summary>
    AuthError = 77,

    /// <summary>The configuration is wrong.</summary>
    ConfigurationError = 78,

    /// <summary>The GPU has too little memory for this micro-batch.</summary>
    CudaOutOfMemory = 80,

    /// <summary>Another rank went away; never the root cause when that rank failed first.</summary>
    PeerLost = 81,

    /// <summary>The GPU or its driver failed.</summary>
    GpuFault = 82,

    /// <summary>Loss or gradient norm is not finite, or exploded.</summary>
    Diverged = 83,

    /// <summary>The process saw itself making no progress.</summary>
    Hang = 84,

    /// <summary>A checkpoint does not match its manifest.</summary>
    CheckpointCorrupt = 85,

    /// <summary>Asked to stop; the last completed step is saved.</summary>
    PreemptedSaved = 86,

    /// <summary>A failure that no retry can cure.</summary>
    NeverRestart = 93,
}
