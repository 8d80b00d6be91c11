using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Api.Plans;

/// <summary>Labels that tie Kubernetes objects to the run they belong to.</summary>
public static class LabelKeys
{
    /// <summary>Name of the fine-tune.</summary>
    public const string FineTune = $"{DpoFineTune.KubeGroup}/fine-tune";

    /// <summary>The run of the fine-tune.</summary>
    public const string RunId = $"{DpoFineTune.KubeGroup}/run-id";

    /// <summary>The stage.</summary>
    public const string Stage = $"{DpoFineTune.KubeGroup}/stage";

    /// <summary>Number of the attempt.</summary>
    public const string Attempt = $"{DpoFineTune.KubeGroup}/attempt";

    /// <summary>Annotation of a Job: a hash of the spec.workers that it was made from.</summary>
    public const string Workers = $"{DpoFineTune.KubeGroup}/workers";

    /// <summary>The queue of Kueue that admits a Job.</summary>
    public const string KueueQueue = "kueue.x-k8s.io/queue-name";

    /// <summary>The part of an application that an object is, such as trainer.</summary>
    public const string Component = "app.kubernetes.io/component";

    /// <summary>The tool that made an object.</summary>
    public const string ManagedBy = "app.kubernetes.io/managed-by";
}
