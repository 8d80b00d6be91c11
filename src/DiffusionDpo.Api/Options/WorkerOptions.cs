using k8s.Models;

namespace DiffusionDpo.Api.Options;

/// <summary>The pods that a run gets. One machine needs none of it.</summary>
public sealed record WorkerOptions
{
    /// <summary>Pods.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Fewest pods to go on with when there are not enough; needs <see cref="Max"/>.</summary>
    public int? Min { get; init; }

    /// <summary>Most pods to use when there are more; needs <see cref="Min"/>.</summary>
    public int? Max { get; init; }

    /// <summary>GPUs of a pod, each with its own process; 0 trains on the CPU with one process.</summary>
    public int GpusPerWorker { get; init; } = 1;

    /// <summary>The resource that stands for a GPU.</summary>
    public string GpuResourceName { get; init; } = "nvidia.com/gpu";

    /// <summary>The trainer's image. Unset: the image of the operator's release.</summary>
    public string? Image { get; init; }

    /// <summary>Names of the Secrets to pull the image with.</summary>
    public IReadOnlyList<string> ImagePullSecrets { get; init; } = [];

    /// <summary>CPU, memory and other resources of a pod; GPUs are added from <see cref="GpusPerWorker"/>.</summary>
    public V1ResourceRequirements? Resources { get; init; }

    /// <summary>Labels that a node must have.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Taints that pods tolerate.</summary>
    public IReadOnlyList<V1Toleration> Tolerations { get; init; } = [];

    /// <summary>Where pods want to be.</summary>
    public V1Affinity? Affinity { get; init; }

    /// <summary>The container runtime.</summary>
    public string? RuntimeClassName { get; init; }

    /// <summary>How important pods are to the scheduler.</summary>
    public string? PriorityClassName { get; init; }

    /// <summary>The Kueue queue that admits the run.</summary>
    public string? QueueName { get; init; }

    /// <summary>The ServiceAccount of pods, through which a cloud's workload identity reaches storage.</summary>
    public string? ServiceAccountName { get; init; }

    /// <summary>Size of /dev/shm, which collectives use.</summary>
    public ResourceQuantity SharedMemory { get; init; } = new("1Gi");

    /// <summary>Where nodes keep base models between runs. Unset: every pod fetches the model.</summary>
    public ModelCacheOptions? ModelCache { get; init; }

    /// <summary>Secrets whose keys become environment variables: credentials for storage.</summary>
    public IReadOnlyList<string> EnvFromSecrets { get; init; } = [];

    /// <summary>Further environment variables. Nothing secret: everyone who may read the fine-tune reads them.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>Further labels of pods.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Further annotations of pods.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}

/// <summary>A directory for base models that outlives pods: exactly one of the two.</summary>
public sealed record ModelCacheOptions
{
    /// <summary>A directory of the node.</summary>
    public string? HostPath { get; init; }

    /// <summary>A volume that all pods share.</summary>
    public string? PersistentVolumeClaim { get; init; }
}
