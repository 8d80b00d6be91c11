using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Operator.Attempts;

/// <summary>What the end of one pod means. The first rule that matches decides; the order is the documentation.</summary>
internal static class PodEndRules
{
    private const int Killed = 137;
    private const int Terminated = 143;

    private static readonly string[] NodeReasons = ["Evicted", "NodeLost", "NodeShutdown", "Terminated", "Preempting", "Shutdown"];

    /// <summary>All rules.</summary>
    public static IReadOnlyList<(string Name, Func<PodView, AttemptClass?> Match)> All { get; } =
    [
        ("the trainer's exit code names its class", pod => pod.End is { } end ? ByExitCode(end.ExitCode) : null),
        ("the kernel killed it for its memory", pod => pod.End is { Reason: "OOMKilled" } ? AttemptClass.HostOutOfMemory : null),
        ("the cluster took the pod away", pod => IsDisrupted(pod) && pod.End is not { ExitCode: not (Killed or Terminated) } ? AttemptClass.Preempted : null),
        ("it never ran to an end", pod => pod.End is null ? AttemptClass.Vanished : null),
        ("it does not explain itself", _ => AttemptClass.Unknown),
    ];

    /// <summary>The class of a pod that has ended or is gone.</summary>
    public static AttemptClass Classify(PodView pod) => All.Select(rule => rule.Match(pod)).First(found => found is not null)!.Value;

    /// <summary>Whether the cluster takes the pod away, or its node has.</summary>
    public static bool IsDisrupted(PodView pod) => pod.Disruption is not null || (pod.Reason is { } reason && NodeReasons.Contains(reason));

    private static AttemptClass? ByExitCode(int code) =>
        Enum.IsDefined((ExitClass)code) ? Enum.Parse<AttemptClass>(((ExitClass)code).ToString()) : null;
}
