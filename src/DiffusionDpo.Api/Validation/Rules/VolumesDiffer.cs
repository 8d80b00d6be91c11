namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>A directory of a pod is one volume.</summary>
internal static class VolumesDiffer
{
    public const string Path = "workers.volumes";
    public const string Cel =
        "!has(self.workers.volumes) || self.workers.volumes.all(v, self.workers.volumes.exists_one(w, w.mountPath == v.mountPath))";
    public const string Message = "has two volumes with the same mountPath — change one";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Workers.Volumes.Select(v => v.MountPath).Distinct().Count() == spec.Workers.Volumes.Count);
}
