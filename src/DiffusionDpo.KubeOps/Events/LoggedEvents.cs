using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace DiffusionDpo.KubeOps.Events;

/// <summary>Events in the log.</summary>
internal sealed class LoggedEvents(ILogger<LoggedEvents> log) : IEventRecorder
{
    /// <inheritdoc/>
    public void Record(IKubernetesObject<V1ObjectMeta> regarding, EventKind kind, string reason, string action, string note) =>
        log.Log(kind is EventKind.Warning ? LogLevel.Warning : LogLevel.Information, "{Namespace}/{Name}: {Reason}: {Note}", regarding.Metadata.NamespaceProperty, regarding.Metadata.Name, reason, note);
}
