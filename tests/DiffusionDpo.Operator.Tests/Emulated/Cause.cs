using KubeApi.Cluster.Kubelets;

namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>Something that keeps a fine-tune from running, and what is to be said about it.</summary>
internal sealed record Cause
{
    /// <summary>A line of spec.workers.</summary>
    public string Workers { get; init; } = "";

    /// <summary>GPUs of each of the two nodes.</summary>
    public int Gpus { get; init; } = 8;

    /// <summary>What pods do until the repair.</summary>
    public PodScript Script { get; init; } = PodScript.Runs;

    /// <summary>The condition that names it.</summary>
    public required string Condition { get; init; }

    /// <summary>Its reason, which is the event's too.</summary>
    public required string Reason { get; init; }

    /// <summary>Its message, which is the event's too.</summary>
    public required string Sentence { get; init; }

    /// <summary>What somebody does about it.</summary>
    public required Func<EmulatedCluster, Task> Repair { get; init; }

    /// <summary>How the attempt ended that was there before the repair; null where that one goes on.</summary>
    public string? Ended { get; init; }
}
