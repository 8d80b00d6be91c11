using System.Text;
using CsCheck;
using k8s.Models;

namespace DiffusionDpo.Operator.Tests.Fuzzing;

/// <summary>Ends of pods as kubelets report them, and as nobody should.</summary>
internal static class OddPods
{
    private static readonly (int Code, string Class)[] s_ends =
    [
        (0, "Succeeded"), (1, "Unknown"), (64, "UserError"), (65, "DataError"), (66, "InputMissing"), (70, "InternalError"), (74, "StorageError"), (77, "AuthError"),
        (78, "ConfigurationError"), (82, "GpuFault"), (83, "Diverged"), (85, "CheckpointCorrupt"), (86, "PreemptedSaved"), (137, "Unknown"), (-1, "Unknown"), (int.MaxValue, "Unknown"),
    ];

    /// <summary>A change of a pod that has ended: how, and what else may be odd about it.</summary>
    public static Gen<Action<V1Pod, DateTime>> Ends => Gen.Select(End, Oddity, (end, odd) => (Action<V1Pod, DateTime>)((pod, now) =>
    {
        end(pod, now);
        odd(pod);
    }));

    /// <summary>What keeps a pod from running, in words that may be anything.</summary>
    public static Gen<Action<V1Pod>> Waits => Gen.Select(
        HostileJson.Pick("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError", "ContainerCreating", "SomethingNew", ""), Texts, Gen.Bool,
        (reason, message, hasNode) => (Action<V1Pod>)(pod =>
        {
            pod.Spec.NodeName = hasNode ? "node-0" : null;
            pod.Status.Conditions = [new V1PodCondition { Type = "PodScheduled", Status = hasNode ? "True" : "False", Reason = "Unschedulable", Message = message, LastTransitionTime = pod.Metadata.CreationTimestamp }];
            pod.Status.ContainerStatuses = hasNode ? [Status(new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } })] : null;
        }));

    private static Gen<string?> Texts => Gen.Frequency<string?>(
        (2, Gen.Const((string?)null)),
        (3, HostileJson.Pick<string?>("secret \"s3\" not found", "0/3 nodes are available: persistentvolumeclaim \"\u001b[2J\" not found. preemption: none", "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.")),
        (1, Gen.String.Select(text => (string?)text)),
        (1, Gen.String.Select(text => (string?)new StringBuilder().Insert(0, text + "\ud83d\ude00\n", 3000).ToString())),
        (1, HostileJson.Pick<string?>("\ud800", "\n\r\n", "\u202e\u2066\0", new string('漢', 100_000), "a\ud83d" + new string('\ude00', 2000))));

    private static Gen<Action<V1Pod, DateTime>> End => HostileJson.Pick(s_ends).SelectMany(end => Gen.Select(
        Gen.Frequency(
            (6, HostileJson.Bytes(TrainerWords.LastWords(end.Class)).Select(bytes => (string?)Kept(bytes))),
            (1, Gen.Const($"{{\"class\":\"{end.Class}\",\"message\":\"x\"}}").Select(text => (string?)text)),
            (2, Texts)),
        HostileJson.Pick<string?>(null, "Error", "OOMKilled", "Completed", "ContainerCannotRun", "\u001b"),
        (message, reason) => (Action<V1Pod, DateTime>)((pod, now) =>
        {
            pod.Status.Phase = end.Code == 0 ? "Succeeded" : "Failed";
            pod.Status.ContainerStatuses =
                [Status(new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = end.Code, Message = message, Reason = reason, StartedAt = now.AddMinutes(-1), FinishedAt = now } })];
        })));

    private static Gen<Action<V1Pod>> Oddity => HostileJson.Pick<Action<V1Pod>>(
        _ => { },
        _ => { },
        _ => { },
        pod => pod.Status.ContainerStatuses = null,
        pod => pod.Status.ContainerStatuses = [],
        pod => pod.Status.ContainerStatuses = [null!, .. pod.Status.ContainerStatuses],
        pod => pod.Status.ContainerStatuses = [new V1ContainerStatus { Name = "sidecar" }, .. pod.Status.ContainerStatuses],
        pod => pod.Status.ContainerStatuses[0].State = null,
        pod => pod.Status.ContainerStatuses[0].State = new V1ContainerState(),
        pod => pod.Status.ContainerStatuses[0].State.Terminated.FinishedAt = null,
        pod => pod.Status.ContainerStatuses[0].State.Terminated.FinishedAt = DateTime.MaxValue,
        pod => pod.Status.ContainerStatuses[0].State.Terminated.StartedAt = DateTime.MinValue,
        pod => pod.Status.Conditions = null,
        pod => pod.Status.Conditions = [new V1PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "\u0007" + new string('r', 9000) }],
        pod => pod.Status.Reason = "Evicted",
        pod => pod.Metadata.Annotations["note"] = new string('n', 200_000),
        pod => pod.Metadata.Annotations["batch.kubernetes.io/job-completion-index"] += "\n",
        pod => pod.Spec.NodeName = null);

    private static V1ContainerStatus Status(V1ContainerState state) => new() { Name = "trainer", State = state };

    /// <summary>A kubelet keeps 4096 bytes, and what is then no UTF-8 becomes U+FFFD.</summary>
    private static string Kept(byte[] bytes) => Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 4096)));
}
