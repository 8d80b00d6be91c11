using DiffusionDpo.Operator.Conditions;

namespace DiffusionDpo.Operator.Attempts;

/// <summary>What keeps pods from running. The first rule that matches decides.</summary>
internal static class PodProblemRules
{
    /// <summary>All rules.</summary>
    public static IReadOnlyList<(string Name, Func<PodView, PodProblem?> Match)> All { get; } =
    [
        ("image", pod => pod.WaitingReason is "ErrImagePull" or "ImagePullBackOff" or "InvalidImageName" or "ErrImageNeverPull" or "RegistryUnavailable"
            ? new PodProblem(Reasons.ImagePullFailed, $"{At(pod)} cannot pull its image{Said(pod)}. Correct spec.workers.image or spec.workers.imagePullSecrets.", true)
            : null),
        ("reference", pod => pod.WaitingReason is "CreateContainerConfigError"
            ? new PodProblem(Reasons.ReferenceMissing, $"{At(pod)} misses something that the fine-tune names{Said(pod)}. Create it, or correct spec.workers.envFromSecrets.", true)
            : null),
        ("container", pod => pod.WaitingReason is "CreateContainerError" or "RunContainerError"
            ? new PodProblem(Reasons.ContainerRefused, $"{At(pod)} cannot start its container{Said(pod)}. Correct spec.workers.", true)
            : null),
        ("node", pod => pod is { Phase: "Pending", Node: null, Unschedulable: { } why }
            ? new PodProblem(Reasons.Unschedulable, $"No node takes {At(pod)}: {why.TrimEnd('.')}. It waits for room; or change spec.workers.", false)
            : null),
    ];

    /// <summary>The problem of the first pod that has one.</summary>
    public static PodProblem? Find(IEnumerable<PodView> pods) =>
        pods.OrderBy(pod => pod.Index).SelectMany(pod => All.Select(rule => rule.Match(pod))).FirstOrDefault(found => found is not null);

    private static string At(PodView pod) => $"worker {pod.Index}";

    private static string Said(PodView pod) => pod.WaitingMessage is { Length: > 0 } message ? $": {message.TrimEnd('.')}" : "";
}
