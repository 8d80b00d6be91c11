using System.Security.Cryptography;

namespace DiffusionDpo.Cli.Tests.Scenarios;

/// <summary>A user's directory: <c>finetune.yaml</c>, and <c>run</c> once it has been run. Removed at the end.</summary>
internal sealed class Workspace : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ddpo-cli-").FullName;

    public string File => In("finetune.yaml");

    public string Run => In("run");

    public string Model => In("run", "model");

    public string UNet => System.IO.Path.Combine(Model, "unet", "diffusion_pytorch_model.safetensors");

    public string In(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public string Checkpoint(int step) => In("run", "checkpoints", $"step-{step:D8}");

    public Workspace Write(TinyFineTune fineTune) => Write(fineTune.ToYaml());

    public Workspace Write(string yaml)
    {
        System.IO.File.WriteAllText(File, yaml);
        return this;
    }

    /// <summary>A copy of a directory, to be damaged.</summary>
    public string Copy(string directory, string name)
    {
        string to = In(name);
        foreach (string file in Directory.GetFiles(directory, "*", SearchOption.AllDirectories))
        {
            string target = System.IO.Path.Combine(to, System.IO.Path.GetRelativePath(directory, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            System.IO.File.Copy(file, target);
        }

        return to;
    }

    /// <summary>Every file with its content's hash and the time it was written; not the lock, in which the last who had it stands.</summary>
    public static string[] Snapshot(string directory) =>
        [.. Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Where(file => System.IO.Path.GetFileName(file) != "run.lock")
            .Select(file => $"{file} {Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(file)))} {System.IO.File.GetLastWriteTimeUtc(file):O}")];

    /// <summary>What a failure must not leave behind.</summary>
    public string[] HalfWritten() => [.. Directory.EnumerateFileSystemEntries(Path, "*", SearchOption.AllDirectories)
        .Where(entry => entry.EndsWith(".partial", StringComparison.Ordinal) || entry.EndsWith(".tmp", StringComparison.Ordinal))];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
