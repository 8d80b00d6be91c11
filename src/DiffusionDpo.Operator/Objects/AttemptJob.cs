using System.Security.Cryptography;
using System.Text;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using k8s;
using k8s.Models;

namespace DiffusionDpo.Operator.Objects;

/// <summary>
/// The Indexed Job of an attempt. It is created once and never changed; it makes no retries of its own, since how a trainer ended decides
/// whether there is another attempt.
/// </summary>
internal static class AttemptJob
{
    /// <summary>The object.</summary>
    public static V1Job Build(DpoFineTune fineTune, AttemptStatus attempt, OperatorOptions options)
    {
        var workers = fineTune.Spec.Workers;
        var metadata = RunLabels.Metadata(fineTune, RunNames.Job(fineTune, attempt));
        metadata.Labels = RunLabels.Attempt(fineTune, attempt);
        metadata.Annotations = new Dictionary<string, string> { [LabelKeys.Workers] = WorkersHash(workers) };
        if (workers.QueueName is { } queue) metadata.Labels[LabelKeys.KueueQueue] = queue;
        return new V1Job
        {
            ApiVersion = "batch/v1",
            Kind = "Job",
            Metadata = metadata,
            Spec = new V1JobSpec
            {
                CompletionMode = "Indexed",
                Completions = StageWorkers.Count(workers, attempt.Stage),
                Parallelism = StageWorkers.Count(workers, attempt.Stage),
                BackoffLimit = 0,
                PodReplacementPolicy = "Failed",
                // Kueue admits a queued Job by ending its suspension.
                Suspend = workers.QueueName is not null,
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta
                    {
                        Labels = Merged(workers.Labels, RunLabels.Attempt(fineTune, attempt), new Dictionary<string, string> { [LabelKeys.Component] = TrainerContainer.Name }),
                        Annotations = workers.Annotations.Count > 0 ? Merged(workers.Annotations) : null,
                    },
                    Spec = Pod(fineTune, attempt, workers, options),
                },
            },
        };
    }

    /// <summary>What tells whether a Job was made from these workers.</summary>
    public static string WorkersHash(WorkerOptions workers) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(KubernetesJson.Serialize(workers))))[..16];

    private static V1PodSpec Pod(DpoFineTune fineTune, AttemptStatus attempt, WorkerOptions workers, OperatorOptions options) => new()
    {
        RestartPolicy = "Never",
        Subdomain = RunNames.Run(fineTune),
        ServiceAccountName = workers.ServiceAccountName ?? options.TrainerServiceAccount,
        AutomountServiceAccountToken = false,
        EnableServiceLinks = false,
        TerminationGracePeriodSeconds = fineTune.Spec.Checkpoints.GracePeriodSeconds,
        ImagePullSecrets = workers.ImagePullSecrets.Count > 0 ? [.. workers.ImagePullSecrets.Select(name => new V1LocalObjectReference { Name = name })] : null,
        NodeSelector = workers.NodeSelector.Count > 0 ? Merged(workers.NodeSelector) : null,
        Tolerations = workers.Tolerations.Count > 0 ? [.. workers.Tolerations] : null,
        Affinity = workers.Affinity,
        RuntimeClassName = workers.RuntimeClassName,
        PriorityClassName = workers.PriorityClassName,
        SecurityContext = new V1PodSecurityContext
        {
            RunAsNonRoot = true,
            RunAsUser = 65532,
            RunAsGroup = 65532,
            FsGroup = 65532,
            SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
        },
        Containers = [TrainerContainer.Build(fineTune, attempt, options)],
        Volumes = [.. TrainerVolumes.Of(fineTune).Select(v => v.Volume)],
    };

    private static Dictionary<string, string> Merged(params IReadOnlyDictionary<string, string>[] maps)
    {
        Dictionary<string, string> merged = [];
        foreach (var (key, value) in maps.SelectMany(map => map)) merged[key] = value;
        return merged;
    }
}
