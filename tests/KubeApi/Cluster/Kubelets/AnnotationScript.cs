using System.Globalization;

namespace KubeApi.Cluster.Kubelets;

/// <summary>Scripts that pods carry themselves, for clusters in a process of their own: a client steers its pods by annotations.</summary>
public static class AnnotationScript
{
    /// <summary>Seconds until the container ends; without it, it runs until it is stopped.</summary>
    public const string Seconds = "script.kubeapi/seconds";

    /// <summary>The exit code, 0 by default.</summary>
    public const string ExitCode = "script.kubeapi/exit-code";

    /// <summary>The termination message.</summary>
    public const string Message = "script.kubeapi/message";

    /// <summary>The completion index that ends like this; the others run until they are stopped. Without it: all.</summary>
    public const string Index = "script.kubeapi/index";

    /// <summary>Why the container cannot start, such as ImagePullBackOff.</summary>
    public const string Waits = "script.kubeapi/waits";

    public static PodScript Of(PodRun pod)
    {
        if (pod.Annotation(Waits) is { Length: > 0 } reason)
            return PodScript.Runs with { Waits = reason };
        if (Number(pod, Seconds) is not { } seconds || (Number(pod, Index) is { } index && index != pod.Index))
            return PodScript.Runs;
        return PodScript.Exits((int)(Number(pod, ExitCode) ?? 0), TimeSpan.FromSeconds(seconds), pod.Annotation(Message));
    }

    private static double? Number(PodRun pod, string name) =>
        double.TryParse(pod.Annotation(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
