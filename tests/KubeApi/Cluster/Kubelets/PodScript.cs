namespace KubeApi.Cluster.Kubelets;

/// <summary>What a scripted container does.</summary>
public sealed record PodScript
{
    /// <summary>Runs until it is stopped or told to end.</summary>
    public static PodScript Runs { get; } = new();

    /// <summary>Why it cannot start: ImagePullBackOff and the like. Empty: it starts.</summary>
    public string Waits { get; init; } = "";

    public string WaitingMessage { get; init; } = "";

    /// <summary>How long it runs until it ends by itself; null = for ever.</summary>
    public TimeSpan? For { get; init; }

    public int ExitCode { get; init; }

    public string TerminationMessage { get; init; } = "";

    /// <summary>OOMKilled and the like; empty = by the exit code.</summary>
    public string Reason { get; init; } = "";

    /// <summary>How long it takes to end when it is asked to (SIGTERM); null = it does not listen and is killed.</summary>
    public TimeSpan? StopsIn { get; init; } = TimeSpan.Zero;

    public int StopExitCode { get; init; } = 143;

    public string StopMessage { get; init; } = "";

    public static PodScript Exits(int code, TimeSpan after, string message = "") => new() { For = after, ExitCode = code, TerminationMessage = message };
}
