using System.Diagnostics;
using KubeApi.Cluster.Kubelets;

namespace KubeApi.Cluster.Processes;

/// <summary>
/// Runs the first container of a pod as a real process of this machine. There is no mount namespace: where arguments and variables name a
/// mounted path, they get the path of the files that stand for it. For a cluster that runs in real time.
/// </summary>
public sealed class ProcessRuntime(ProcessRuntimeOptions options) : IContainerRuntime, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<ProcessContainer> _containers = [];

    /// <summary>Where the files of a pod are: volumes, termination message, log.</summary>
    public string DirectoryOf(PodRun pod) => Path.Combine(options.Directory, pod.Uid);

    public ContainerStart Start(PodRun pod, Action changed)
    {
        var image = pod.Container["image"]?.ToString() ?? "";
        if (!options.Images.TryGetValue(image, out var entrypoint))
            return new ContainerStart(null, "ErrImagePull", $"there is no image {image}", options.Time.GetUtcNow() + TimeSpan.FromSeconds(10));
        var sandbox = PodSandbox.Prepare(pod, DirectoryOf(pod));
        var address = options.Address(pod);
        var variables = PodEnvironment.Of(pod, address);
        var (command, arguments) = Invocation.Of(pod.Container, entrypoint, variables);
        // The entry point is a path of this machine already.
        var program = entrypoint.Contains(command) ? command : sandbox.Translate(command);
        var start = new ProcessStartInfo(program, arguments.Select(sandbox.Translate))
        {
            WorkingDirectory = sandbox.Directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Except(options.Inherited).ToList())
            start.Environment.Remove(name);
        start.Environment["HOME"] = sandbox.Directory;
        foreach (var (name, value) in variables)
            start.Environment[name] = sandbox.Translate(value);
        return Run(start, sandbox, address, changed);
    }

    /// <summary>Kills what still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        List<ProcessContainer> left;
        lock (_gate)
            left = [.. _containers];
        foreach (var container in left)
            await container.DisposeAsync();
    }

    private ContainerStart Run(ProcessStartInfo start, PodSandbox sandbox, string address, Action changed)
    {
        try
        {
            var container = new ProcessContainer(start, sandbox, address, options.Time, changed);
            lock (_gate)
                _containers.Add(container);
            return new ContainerStart(container);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            return new ContainerStart(null, "CreateContainerError", error.Message, options.Time.GetUtcNow() + TimeSpan.FromSeconds(10));
        }
    }
}
