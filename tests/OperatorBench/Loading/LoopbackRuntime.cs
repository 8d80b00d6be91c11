using KubeApi.Cluster.Kubelets;

namespace OperatorBench.Loading;

/// <summary>Pods of one address, at which the benchmark answers for their trainers.</summary>
internal sealed class LoopbackRuntime(ScriptedRuntime inner, string address) : IContainerRuntime
{
    public ContainerStart Start(PodRun pod, Action changed)
    {
        var start = inner.Start(pod, changed);
        return start.Container is { } container ? start with { Container = new Addressed(container, address) } : start;
    }

    private sealed class Addressed(IContainer inner, string address) : IContainer
    {
        public string PodIp => address;

        public ContainerExit? Exit => inner.Exit;

        public DateTimeOffset? Due => inner.Due;

        public void Stop(TimeSpan grace) => inner.Stop(grace);
    }
}
