using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using k8s.Models;

namespace DiffusionDpo.Operator.Objects;

/// <summary>What a trainer's pod mounts, each volume with its mount.</summary>
internal static class TrainerVolumes
{
    /// <summary>A directory that may be written and goes with the pod.</summary>
    public const string Scratch = "/tmp";

    /// <summary>Base models kept between runs.</summary>
    public const string ModelCache = "/var/cache/ddpo";

    private const string RunFiles = "/etc/ddpo";

    /// <summary>Where the process finds the run file of a stage.</summary>
    public static string RunFilePath(Stage stage) => $"{RunFiles}/{RunFileConfigMap.FileName(stage)}";

    /// <summary>All volumes.</summary>
    public static IEnumerable<(V1Volume Volume, V1VolumeMount Mount)> Of(DpoFineTune fineTune)
    {
        var workers = fineTune.Spec.Workers;
        yield return Mounted(
            new V1Volume { Name = "run-files", ConfigMap = new V1ConfigMapVolumeSource { Name = RunNames.Run(fineTune) } }, RunFiles, true);
        yield return Mounted(new V1Volume { Name = "scratch", EmptyDir = new V1EmptyDirVolumeSource() }, Scratch);
        var memory = new V1EmptyDirVolumeSource { Medium = "Memory", SizeLimit = workers.SharedMemory };
        yield return Mounted(new V1Volume { Name = "shared-memory", EmptyDir = memory }, "/dev/shm");
        if (workers.ModelCache is { } cache) yield return Mounted(Place("model-cache", cache.HostPath, cache.PersistentVolumeClaim), ModelCache);
        foreach (var (volume, i) in workers.Volumes.Select((v, i) => (v, i)))
            yield return Mounted(Place($"volume-{i}", volume.HostPath, volume.PersistentVolumeClaim), volume.MountPath, volume.ReadOnly);
    }

    private static V1Volume Place(string name, string? hostPath, string? claim) => new()
    {
        Name = name,
        HostPath = hostPath is null ? null : new V1HostPathVolumeSource { Path = hostPath, Type = "DirectoryOrCreate" },
        PersistentVolumeClaim = claim is null ? null : new V1PersistentVolumeClaimVolumeSource { ClaimName = claim },
    };

    private static (V1Volume Volume, V1VolumeMount Mount) Mounted(V1Volume volume, string path, bool readOnly = false) =>
        (volume, new V1VolumeMount { Name = volume.Name, MountPath = path, ReadOnlyProperty = readOnly ? true : null });
}
