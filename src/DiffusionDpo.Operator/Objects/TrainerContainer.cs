using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using k8s.Models;

namespace DiffusionDpo.Operator.Objects;

/// <summary>The container that runs a stage: `ddpo train` on the run file.</summary>
internal static class TrainerContainer
{
    /// <summary>Name of the container.</summary>
    public const string Name = "trainer";

    /// <summary>Name of the port of /status and /metrics.</summary>
    public const string PortName = "metrics";

    private const string TerminationLog = "/dev/termination-log";

    /// <summary>The container.</summary>
    public static V1Container Build(DpoFineTune fineTune, AttemptStatus attempt, OperatorOptions options) => new()
    {
        Name = Name,
        Image = fineTune.Spec.Workers.Image ?? options.TrainerImage,
        Args = [.. Arguments(fineTune, attempt, options.TrainerPort)],
        Env = [.. Environment(fineTune, attempt)],
        EnvFrom = fineTune.Spec.Workers.EnvFromSecrets is { Count: > 0 } secrets
            ? [.. secrets.Select(name => new V1EnvFromSource { SecretRef = new V1SecretEnvSource { Name = name } })]
            : null,
        Ports = [new V1ContainerPort { Name = PortName, ContainerPort = options.TrainerPort }],
        Resources = Resources(fineTune.Spec.Workers, StageWorkers.Gpus(fineTune.Spec.Workers, attempt.Stage)),
        VolumeMounts = [.. TrainerVolumes.Of(fineTune).Select(v => v.Mount)],
        TerminationMessagePath = TerminationLog,
        // A process that could not say its last words is told apart by the end of its log.
        TerminationMessagePolicy = "FallbackToLogsOnError",
        SecurityContext = new V1SecurityContext
        {
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            Capabilities = new V1Capabilities { Drop = ["ALL"] },
        },
    };

    private static IEnumerable<string> Arguments(DpoFineTune fineTune, AttemptStatus attempt, int port)
    {
        foreach (var word in RunPlan.Arguments(TrainerVolumes.RunFilePath(attempt.Stage))) yield return word;
        foreach (var word in (string[])["--port", $"{port}", "--bind", "0.0.0.0", "--json"]) yield return word;
        if (fineTune.Status.Retries?.PassOverCorrupt == true) yield return "--previous-checkpoint";
        if (fineTune.Status.Retries?.ResumeBeforeStep is not { } step) yield break;
        yield return "--resume-before";
        yield return $"{step}";
    }

    /// <summary>What the user wrote comes first: Kubernetes takes the last of two equal names, and ours must hold.</summary>
    private static IEnumerable<V1EnvVar> Environment(DpoFineTune fineTune, AttemptStatus attempt)
    {
        var workers = fineTune.Spec.Workers;
        Dictionary<string, string> ours = new()
        {
            ["HOME"] = TrainerVolumes.Scratch,
            [EnvironmentKeys.TerminationLog] = TerminationLog,
            [EnvironmentKeys.Attempt] = $"{attempt.Number}",
            [EnvironmentKeys.Workers] = $"{StageWorkers.Count(workers, attempt.Stage)}",
            [EnvironmentKeys.ProcessesPerWorker] = $"{Math.Max(1, StageWorkers.Gpus(workers, attempt.Stage))}",
            [EnvironmentKeys.Rendezvous] = RendezvousService.HostOfRankZero(fineTune, attempt),
        };
        if (workers.ModelCache is not null) ours[EnvironmentKeys.ModelCache] = TrainerVolumes.ModelCache;
        var index = new V1EnvVarSource
        {
            FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.annotations['batch.kubernetes.io/job-completion-index']" },
        };
        return workers.Env.Where(e => !ours.ContainsKey(e.Key)).OrderBy(e => e.Key, StringComparer.Ordinal).Concat(ours)
            .Select(e => new V1EnvVar { Name = e.Key, Value = e.Value })
            .Append(new V1EnvVar { Name = EnvironmentKeys.WorkerIndex, ValueFrom = index });
    }

    /// <summary>The user's resources and the GPUs, which count as limits (requests follow).</summary>
    private static V1ResourceRequirements Resources(WorkerOptions workers, int gpus)
    {
        var limits = new Dictionary<string, ResourceQuantity>(workers.Resources?.Limits ?? new Dictionary<string, ResourceQuantity>());
        if (gpus > 0) limits[workers.GpuResourceName] = new ResourceQuantity($"{gpus}");
        return new V1ResourceRequirements { Limits = limits, Requests = workers.Resources?.Requests, Claims = workers.Resources?.Claims };
    }
}
