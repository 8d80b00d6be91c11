namespace KubeApi.Cluster.Kubelets;

/// <summary>A pull that failed, and until when there is no other.</summary>
internal sealed record ImagePullFailure(string Error, DateTimeOffset At, DateTimeOffset Until)
{
    /// <summary>When the kubelet looks at the pod again and says that it backs off.</summary>
    public DateTimeOffset SaidFrom => At + ((Until - At) / 2);
}
