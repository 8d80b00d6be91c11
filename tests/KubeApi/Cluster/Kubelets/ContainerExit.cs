namespace KubeApi.Cluster.Kubelets;

/// <summary>How a container ended.</summary>
public sealed record ContainerExit(int Code, string Message, DateTimeOffset StartedAt, DateTimeOffset FinishedAt, string Reason = "")
{
    /// <summary>The reason as a kubelet words it.</summary>
    public string Word => Reason.Length > 0 ? Reason : Code == 0 ? "Completed" : "Error";
}
