namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>A cache is in one place.</summary>
internal static class ModelCacheHasOnePlace
{
    public const string Path = "workers.modelCache";
    public const string Cel =
        "!has(self.workers.modelCache) || has(self.workers.modelCache.hostPath) != " +
        "has(self.workers.modelCache.persistentVolumeClaim)";
    public const string Message = "must have exactly one of hostPath and persistentVolumeClaim — give one";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Workers.ModelCache is not { } cache || cache.HostPath is null != cache.PersistentVolumeClaim is null);
}
