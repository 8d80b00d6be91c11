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
}
