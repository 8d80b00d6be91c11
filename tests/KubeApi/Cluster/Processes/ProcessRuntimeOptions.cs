using KubeApi.Cluster.Kubelets;

namespace KubeApi.Cluster.Processes;

/// <summary>What real processes stand for images, and where their files go.</summary>
public sealed record ProcessRuntimeOptions
{
    /// <summary>A directory that the runtime fills: one directory per pod.</summary>
    public required string Directory { get; init; }

    /// <summary>Image → the command that is its entry point.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Images { get; init; }

    /// <summary>Variables of this process that containers get as well.</summary>
    public IReadOnlyCollection<string> Inherited { get; init; } = ["PATH", "DOTNET_ROOT", "LD_LIBRARY_PATH", "TMPDIR", "OMP_NUM_THREADS"];

    /// <summary>The address of a pod; processes that listen on the same port need different ones (127.0.0.0/8 are all this machine).</summary>
    public Func<PodRun, string> Address { get; init; } = _ => "127.0.0.1";

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
