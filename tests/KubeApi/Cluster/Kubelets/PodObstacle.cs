namespace KubeApi.Cluster.Kubelets;

/// <summary>What keeps a container from starting: its waiting state, and the warnings that go with it.</summary>
internal sealed record PodObstacle(string Reason, string Message, IReadOnlyList<(string Reason, string Note)> Warnings);
