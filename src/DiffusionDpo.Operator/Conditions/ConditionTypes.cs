namespace DiffusionDpo.Operator.Conditions;

/// <summary>The types of a fine-tune's conditions, one sentence each.</summary>
internal static class ConditionTypes
{
    /// <summary>What spec.gitOps.readyWhen asks for is so (kstatus).</summary>
    public const string Ready = "Ready";

    /// <summary>The operator is on its way to Ready. Only there while true (kstatus).</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>Nothing goes on until somebody changes something; the message says what. Only there while true (kstatus).</summary>
    public const string Stalled = "Stalled";

    /// <summary>The specification is valid.</summary>
    public const string Accepted = "Accepted";

    /// <summary>The run is saved and stopped on request.</summary>
    public const string Suspended = "Suspended";

    /// <summary>All pods of the attempt have a node.</summary>
    public const string Scheduled = "Scheduled";

    /// <summary>The stage Prepare has succeeded; of a run that has none, base model and data are loaded.</summary>
    public const string DataReady = "DataReady";

    /// <summary>All pods of the attempt run.</summary>
    public const string Running = "Running";

    /// <summary>The newest checkpoint is not older than twice checkpoints.everySteps.</summary>
    public const string CheckpointFresh = "CheckpointFresh";

    /// <summary>The model is exported.</summary>
    public const string Complete = "Complete";

    /// <summary>The run is given up.</summary>
    public const string Failed = "Failed";
}
