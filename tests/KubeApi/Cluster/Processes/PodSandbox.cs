using System.Text.Json.Nodes;
using KubeApi.Cluster.Kubelets;
using KubeApi.Json;

namespace KubeApi.Cluster.Processes;

/// <summary>The files of one pod on this machine, and how the paths that its container knows lead to them.</summary>
internal sealed class PodSandbox
{
    private readonly List<(string Mounted, string Real)> _mounts;

    private PodSandbox(string directory, List<(string Mounted, string Real)> mounts, string terminationMessage)
    {
        Directory = directory;
        TerminationMessage = terminationMessage;
        // A mount within a mount counts before the outer one.
        _mounts = [.. mounts.OrderByDescending(mount => mount.Mounted.Length)];
    }

    public string Directory { get; }

    public string TerminationMessage { get; }

    public string Log => Path.Combine(Directory, "log");

    public static PodSandbox Prepare(PodRun pod, string directory)
    {
        System.IO.Directory.CreateDirectory(directory);
        var message = Path.Combine(directory, "termination-message");
        File.WriteAllBytes(message, []);
        List<(string, string)> mounts = [(pod.Container.Text("terminationMessagePath") ?? "/dev/termination-log", message)];
        var volumes = (pod.Document.Object("spec").Array("volumes") ?? []).OfType<JsonObject>().ToDictionary(volume => volume.Text("name") ?? "", volume => Volume(pod, volume, directory));
        foreach (var mount in (pod.Container.Array("volumeMounts") ?? []).OfType<JsonObject>())
            mounts.Add((mount.Text("mountPath")!.TrimEnd('/'), Path.Combine(volumes[mount.Text("name") ?? ""], mount.Text("subPath") ?? "")));
        return new PodSandbox(directory, mounts, message);
    }

    /// <summary>The text with every mounted path in it replaced: a whole word, or what follows "=", ":" or ",".</summary>
    public string Translate(string text)
    {
        // In one pass: what a path is replaced by may itself lie under another mount's path.
        for (var at = 0; at < text.Length; at++)
        {
            if (at > 0 && text[at - 1] is not ('=' or ':' or ',' or ' '))
                continue;
            var (mounted, real) = _mounts.FirstOrDefault(mount => IsPathAt(text, at, mount.Mounted));
            if (mounted is null)
                continue;
            text = $"{text[..at]}{real}{text[(at + mounted.Length)..]}";
            at += real.Length - 1;
        }

        return text;
    }

    private static bool IsPathAt(string text, int at, string path)
    {
        var end = at + path.Length;
        return string.CompareOrdinal(text, at, path, 0, path.Length) == 0 && (end == text.Length || text[end] is '/' or ':' or ',' or ' ');
    }

    private static string Volume(PodRun pod, JsonObject volume, string directory)
    {
        if (volume.Object("hostPath").Text("path") is { } path)
            return path;
        var real = Path.Combine(directory, "volumes", volume.Text("name") ?? "");
        System.IO.Directory.CreateDirectory(real);
        var (source, files) = volume.Object("configMap") is { } map
            ? (map, pod.Files.ConfigMap(map.Text("name") ?? ""))
            : (volume.Object("secret"), pod.Files.Secret(volume.Object("secret").Text("secretName") ?? ""));
        var items = (source.Array("items") ?? []).OfType<JsonObject>().ToDictionary(item => item.Text("key") ?? "", item => item.Text("path") ?? "");
        foreach (var (key, content) in files ?? new Dictionary<string, byte[]>())
        {
            if (items.Count > 0 && !items.ContainsKey(key))
                continue;
            var file = Path.Combine(real, items.GetValueOrDefault(key, key));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
        }

        return real;
    }
}
