namespace KubeApi.Cluster.Kubelets;

/// <summary>What became of a start: a container, or the reason why it waits (ImagePullBackOff and the like) and when to try again.</summary>
public sealed record ContainerStart(IContainer? Container, string Reason = "", string Message = "", DateTimeOffset? Retry = null);
