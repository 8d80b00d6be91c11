using System.Text.RegularExpressions;
using DiffusionDpo.Operator.Conditions;

namespace DiffusionDpo.Operator.Attempts;

/// <summary>What keeps pods from running, and what to change. The first rule that matches decides.</summary>
internal static partial class PodProblemRules
{
    /// <summary>All rules.</summary>
    public static IReadOnlyList<(string Name, Func<PodView, PodProblem?> Match)> All { get; } =
    [
        ("image name", pod => pod.WaitingReason is "InvalidImageName"
            ? new PodProblem(Reasons.InvalidImageName, $"{At(pod)} has a malformed image name{Said(pod)}. Correct spec.workers.image.", true)
            : null),
        ("image", pod => pod.WaitingReason is "ErrImagePull" or "ImagePullBackOff" or "ErrImageNeverPull" or "ImageInspectError" or "RegistryUnavailable" or "SignatureValidationFailed"
            ? new PodProblem(Reasons.ImagePullFailed, $"{At(pod)} cannot pull its image{Said(pod)}. Correct spec.workers.image or spec.workers.imagePullSecrets.", true)
            : null),
        ("reference", pod => pod.WaitingReason is "CreateContainerConfigError"
            ? new PodProblem(Reasons.ReferenceMissing, $"{At(pod)} misses something that the fine-tune names{Said(pod)}. Create it, or correct spec.workers.envFromSecrets.", true)
            : null),
        ("container", pod => pod.WaitingReason is "CreateContainerError" or "RunContainerError"
            ? new PodProblem(Reasons.ContainerRefused, $"{At(pod)} cannot start its container{Said(pod)}. Correct spec.workers.", true)
            : null),
        ("volume", pod => Unschedulable(pod) is { } why && MissingClaim().Match(why) is { Success: true } claim
            ? new PodProblem(Reasons.VolumeMissing, $"{At(pod)} mounts {claim.Value}. Create it, or correct spec.workers.volumes.", true)
            : null),
        ("node", pod => Unschedulable(pod) is { } why
            ? new PodProblem(Reasons.Unschedulable, $"No node takes {At(pod, "worker")}: {WithoutPreemption(why)}. {NodeRemedy(why)}", false)
            : null),
    ];

    /// <summary>The problem of the first pod that has one.</summary>
    public static PodProblem? Find(IEnumerable<PodView> pods) =>
        pods.OrderBy(pod => pod.Index).SelectMany(pod => All.Select(rule => rule.Match(pod))).FirstOrDefault(found => found is not null);

    private static string At(PodView pod, string worker = "Worker") => $"{worker} {pod.Index}";

    /// <summary>The cause, the same while pulls fail and while the next one is waited for.</summary>
    private static string Said(PodView pod) =>
        pod.WaitingMessage is { Length: > 0 } message ? $": {BackOff().Replace(message, "").TrimEnd('.')}" : "";

    private static string? Unschedulable(PodView pod) => pod is { Phase: "Pending", Node: null } ? pod.Unschedulable : null;

    // What preemption would do is no help to whoever reads why there is no room.
    private static string WithoutPreemption(string why)
    {
        var at = why.IndexOf(" preemption: ", StringComparison.Ordinal);
        return (at < 0 ? why : why[..at]).TrimEnd('.');
    }

    private static string NodeRemedy(string why)
    {
        List<string> ways = [];
        if (why.Contains("Insufficient", StringComparison.Ordinal)) ways.Add("wait for room, add nodes, or lower spec.workers.gpusPerWorker or spec.workers.resources");
        if (why.Contains("affinity/selector", StringComparison.Ordinal)) ways.Add("label a node, or correct spec.workers.nodeSelector or spec.workers.affinity");
        if (why.Contains("untolerated taint", StringComparison.Ordinal)) ways.Add("add the taint to spec.workers.tolerations");
        if (ways.Count == 0) return "It waits for room; or change spec.workers.";
        var sentence = string.Join("; or ", ways);
        return $"{char.ToUpperInvariant(sentence[0])}{sentence[1..]}.";
    }

    [GeneratedRegex("^Back-off pulling image \"[^\"]*\": ErrImagePull: ", RegexOptions.CultureInvariant)]
    private static partial Regex BackOff();

    [GeneratedRegex("persistentvolumeclaim \"[^\"]*\" not found", RegexOptions.CultureInvariant)]
    private static partial Regex MissingClaim();
}
