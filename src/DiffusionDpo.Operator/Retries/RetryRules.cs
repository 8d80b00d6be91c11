using DiffusionDpo.Operator.Attempts;
using static DiffusionDpo.Operator.Attempts.AttemptClass;
using static DiffusionDpo.Operator.Retries.RetryBudget;

namespace DiffusionDpo.Operator.Retries;

/// <summary>What follows from each way to end. docs/exit-codes.md has the same table for people.</summary>
internal static class RetryRules
{
    /// <summary>One rule per class.</summary>
    public static IReadOnlyList<RetryRule> All { get; } =
    [
        new(UserError, None, "Report this: the operator and the trainer's image do not fit each other. Set spec.workers.image to the operator's release"),
        new(ConfigurationError, None, "Correct the fine-tune"),
        new(DataError, None, "Repair or remove the named data"),
        new(InputMissing, None, "Put the named file where the fine-tune says"),
        new(NeverRestart, None, "Correct what the message names"),
        new(AuthError, Once, "Give pods credentials that may read the inputs and write spec.output.uri (spec.workers.envFromSecrets or serviceAccountName)"),
        new(HostOutOfMemory, Once, "Raise the memory limit in spec.workers.resources, or lower spec.data.prefetchPairs"),
        new(CudaOutOfMemory, None, "Lower spec.training.microBatch, or choose GPUs with more memory"),
        new(Diverged, Once, "Lower spec.optimizer.learningRate or spec.training.objective.beta", ResumeFrom.Previous),
        new(CheckpointCorrupt, Infrastructure, "Look after the storage of checkpoints", ResumeFrom.NewestSound),
        new(StorageError, Infrastructure, "Look after the storage that the message names"),
        new(Transient, Infrastructure, "Look after what the message names"),
        new(GpuFault, Infrastructure, "Look after the GPUs of the nodes in status.attempts"),
        new(Hang, Infrastructure, "Look at the logs of the last attempt's pods and after the network between nodes"),
        new(PeerLost, Infrastructure, "Look after the network between nodes"),
        new(Vanished, Infrastructure, "Find out who deletes the run's Jobs or pods"),
        new(PreemptedSaved, Free, ""),
        new(Preempted, Free, ""),
        new(InternalError, Application, "Report this with the logs of the last attempt's pods"),
        new(Unknown, Application, "Look at the logs of the last attempt's pods"),
    ];

    /// <summary>The rule of a class that ends an attempt by failure.</summary>
    public static RetryRule For(AttemptClass ended) => All.Single(rule => rule.Class == ended);
}
