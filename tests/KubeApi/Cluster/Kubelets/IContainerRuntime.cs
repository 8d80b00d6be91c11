namespace KubeApi.Cluster.Kubelets;

/// <summary>What runs the containers of pods: a script under virtual time, or real processes.</summary>
public interface IContainerRuntime
{
    /// <summary>Starts the pod's container, or says why it cannot start yet.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="changed">To be called when the container ended by itself; not needed where <see cref="IContainer.Due"/> says when to look.</param>
    ContainerStart Start(PodRun pod, Action changed);
}
