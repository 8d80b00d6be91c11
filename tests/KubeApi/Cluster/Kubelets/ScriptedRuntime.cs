using System.Globalization;
using KubeApi.Storage;

namespace KubeApi.Cluster.Kubelets;

/// <summary>Containers that do what a script says, in the server's time: no processes, nothing sleeps.</summary>
public sealed class ScriptedRuntime(TimeProvider time) : IContainerRuntime
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, ScriptedContainer> _containers = [];
    private int _addresses;

    /// <summary>What a pod does. Asked when it starts, and again while it waits.</summary>
    public Func<PodRun, PodScript> Script { get; set; } = _ => PodScript.Runs;

    /// <summary>Ends a running container now, whatever its script says.</summary>
    public void End(ObjectKey pod, int exitCode, string message = "", string reason = "")
    {
        ScriptedContainer container;
        lock (_gate)
            container = _containers[pod];
        container.End(exitCode, message, reason);
    }

    public ContainerStart Start(PodRun pod, Action changed)
    {
        var script = Script(pod);
        if (script.Waits.Length > 0)
            return new ContainerStart(null, script.Waits, script.WaitingMessage, time.GetUtcNow() + TimeSpan.FromSeconds(10));
        lock (_gate)
        {
            var number = _addresses++;
            // Loopback: whoever asks a pod something asks this machine, and gets no answer.
            var address = string.Create(CultureInfo.InvariantCulture, $"127.{64 + number / 62500}.{number / 250 % 250}.{1 + number % 250}");
            return new ContainerStart(_containers[pod.Key] = new ScriptedContainer(time, script, address, changed));
        }
    }
}
