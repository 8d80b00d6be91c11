namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>A volume comes from one place.</summary>
internal static class VolumesHaveOneSource
{
    public const string Path = "workers.volumes";
    public const string Cel =
        "!has(self.workers.volumes) || self.workers.volumes.all(v, has(v.hostPath) != has(v.persistentVolumeClaim))";
    public const string Message = "must each have exactly one of hostPath and persistentVolumeClaim — give one";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Workers.Volumes.All(v => v.HostPath is null != v.PersistentVolumeClaim is null));
}
