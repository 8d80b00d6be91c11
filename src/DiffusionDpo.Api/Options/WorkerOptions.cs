using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>The pods that a run gets. One machine needs none of it.</summary>
public sealed record WorkerOptions
{
    /// <summary>Pods.</summary>
    [RangeMinimum(1), RangeMaximum(1024)]
    public int Count { get; init; } = 1;

    /// <summary>Fewest pods to go on with when there are not enough; needs <see cref="Max"/>.</summary>
    [RangeMinimum(1), RangeMaximum(1024)]
    public int? Min { get; init; }

    /// <summary>Most pods to use when there are more; needs <see cref="Min"/>.</summary>
    [RangeMinimum(1), RangeMaximum(1024)]
    public int? Max { get; init; }

    /// <summary>GPUs of a pod, each with its own process; 0 trains on the CPU with one process.</summary>
    [RangeMinimum(0), RangeMaximum(16)]
    public int GpusPerWorker { get; init; } = 1;

    /// <summary>The resource that stands for a GPU.</summary>
    [Length(1, 253)]
    public string GpuResourceName { get; init; } = "nvidia.com/gpu";

    /// <summary>The trainer's image. Unset: the image of the operator's release.</summary>
    [Length(1, 512)]
    public string? Image { get; init; }

    /// <summary>Names of the Secrets to pull the image with.</summary>
    [Items(0, 16), Length(1, 253)]
    public IReadOnlyList<string> ImagePullSecrets { get; init; } = [];

    /// <summary>CPU, memory and other resources of a pod; GPUs are added from <see cref="GpusPerWorker"/>.</summary>
    public V1ResourceRequirements? Resources { get; init; }

    /// <summary>Labels that a node must have.</summary>
    [PropertyLimits(0, 32), Length(0, 63)]
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Taints that pods tolerate.</summary>
    [Items(0, 32)]
    public IReadOnlyList<V1Toleration> Tolerations { get; init; } = [];

    /// <summary>Where pods want to be.</summary>
    public V1Affinity? Affinity { get; init; }

    /// <summary>The container runtime.</summary>
    [Length(1, 253)]
    public string? RuntimeClassName { get; init; }

    /// <summary>How important pods are to the scheduler.</summary>
    [Length(1, 253)]
    public string? PriorityClassName { get; init; }

    /// <summary>The Kueue queue that admits the run.</summary>
    [Length(1, 63)]
    public string? QueueName { get; init; }

    /// <summary>The ServiceAccount of pods, through which a cloud's workload identity reaches storage.</summary>
    [Length(1, 253)]
    public string? ServiceAccountName { get; init; }

    /// <summary>Size of /dev/shm, which collectives use.</summary>
    public ResourceQuantity SharedMemory { get; init; } = new("1Gi");

    /// <summary>Where nodes keep base models between runs. Unset: every pod fetches the model.</summary>
    public ModelCacheOptions? ModelCache { get; init; }

    /// <summary>Volumes with base models, data or room for the run, where these are not in object storage.</summary>
    [Items(0, 16)]
    public IReadOnlyList<VolumeOptions> Volumes { get; init; } = [];

    /// <summary>Secrets whose keys become environment variables: credentials for storage.</summary>
    [Items(0, 16), Length(1, 253)]
    public IReadOnlyList<string> EnvFromSecrets { get; init; } = [];

    /// <summary>Further environment variables. Nothing secret: everyone who may read the fine-tune reads them.</summary>
    [PropertyLimits(0, 64), Length(0, 4096)]
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>Further labels of pods.</summary>
    [PropertyLimits(0, 32), Length(0, 63)]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Further annotations of pods.</summary>
    [PropertyLimits(0, 32), Length(0, 4096)]
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}

/// <summary>A directory for base models that outlives pods: exactly one of the two.</summary>
public sealed record ModelCacheOptions
{
    /// <summary>A directory of the node.</summary>
    [Length(1, 1024)]
    public string? HostPath { get; init; }

    /// <summary>A volume that all pods share.</summary>
    [Length(1, 253)]
    public string? PersistentVolumeClaim { get; init; }
}
