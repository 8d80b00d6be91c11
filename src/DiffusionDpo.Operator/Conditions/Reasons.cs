namespace DiffusionDpo.Operator.Conditions;

/// <summary>Reasons of conditions and events beside the exit classes, one sentence each.</summary>
internal static class Reasons
{
    /// <summary>The specification is valid.</summary>
    public const string Valid = "Valid";

    /// <summary>The specification has errors.</summary>
    public const string InvalidSpec = "InvalidSpec";

    /// <summary>The API server refuses the run's objects.</summary>
    public const string ObjectsRejected = "ObjectsRejected";

    /// <summary>The run waits for its queue.</summary>
    public const string Queued = "Queued";

    /// <summary>No node has room for a pod.</summary>
    public const string Unschedulable = "Unschedulable";

    /// <summary>The Job has made no pods.</summary>
    public const string PodsMissing = "PodsMissing";

    /// <summary>A pod's image cannot be pulled.</summary>
    public const string ImagePullFailed = "ImagePullFailed";

    /// <summary>The name of a pod's image is malformed.</summary>
    public const string InvalidImageName = "InvalidImageName";

    /// <summary>A Secret that pods take their environment from does not exist.</summary>
    public const string ReferenceMissing = "ReferenceMissing";

    /// <summary>A volume of pods, a PersistentVolumeClaim or the run's ConfigMap, does not exist.</summary>
    public const string VolumeMissing = "VolumeMissing";

    /// <summary>A pod has its node and its container is not there yet: an image is fetched, or a volume cannot be mounted.</summary>
    public const string ContainerCreating = "ContainerCreating";

    /// <summary>A container cannot be started.</summary>
    public const string ContainerRefused = "ContainerRefused";

    /// <summary>Pods start.</summary>
    public const string Starting = "Starting";

    /// <summary>Model and data are being loaded.</summary>
    public const string Loading = "Loading";

    /// <summary>Images and prompts are being prepared.</summary>
    public const string Preparing = "Preparing";

    /// <summary>Images and prompts are prepared.</summary>
    public const string Prepared = "Prepared";

    /// <summary>All pods run.</summary>
    public const string PodsRunning = "PodsRunning";

    /// <summary>An attempt is being stopped.</summary>
    public const string Stopping = "Stopping";

    /// <summary>spec.suspend is true.</summary>
    public const string Suspended = "Suspended";

    /// <summary>The run goes on.</summary>
    public const string Active = "Active";

    /// <summary>Objects of an earlier run are being removed.</summary>
    public const string EarlierRunEnds = "EarlierRunEnds";

    /// <summary>There is no checkpoint yet.</summary>
    public const string NoCheckpoint = "NoCheckpoint";

    /// <summary>A checkpoint is overdue.</summary>
    public const string CheckpointOverdue = "CheckpointOverdue";

    /// <summary>A checkpoint was completed.</summary>
    public const string CheckpointSaved = "CheckpointSaved";

    /// <summary>All stages succeeded.</summary>
    public const string Succeeded = "Succeeded";

    /// <summary>maxRestarts is used up.</summary>
    public const string RestartsUsedUp = "RestartsUsedUp";

    /// <summary>maxInfraRestarts is used up.</summary>
    public const string InfraRestartsUsedUp = "InfraRestartsUsedUp";

    /// <summary>noProgressLimit restarts in a row brought no newer checkpoint.</summary>
    public const string NoProgress = "NoProgress";

    /// <summary>activeDeadlineSeconds have passed.</summary>
    public const string DeadlineExceeded = "DeadlineExceeded";

    /// <summary>An attempt started.</summary>
    public const string AttemptStarted = "AttemptStarted";

    /// <summary>Why a run is given up, where the class of the last attempt does not say it.</summary>
    public static string Explain(string reason) => reason switch
    {
        RestartsUsedUp => "spec.retryPolicy.maxRestarts is used up. ",
        InfraRestartsUsedUp => "spec.retryPolicy.maxInfraRestarts is used up. ",
        NoProgress => "No restart within spec.retryPolicy.noProgressLimit brought a newer checkpoint. ",
        _ => "",
    };
}
