using System.Security.Cryptography;
using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Checkpoints;

/// <summary>A complete checkpoint on disk.</summary>
public sealed class Checkpoint
{
    /// <summary>Far more than the options of a run take.</summary>
    private const long MostManifestBytes = 16 << 20;

    private static readonly string[] FileNames = [TrainingState.OptimizerFile, TrainingState.WeightsFile];
    private static readonly string[] AdapterNames = [TrainingState.OptimizerFile, TrainingState.AdapterFile];
    private static readonly string[][] Known = [FileNames, AdapterNames, [.. FileNames, TrainingState.AverageFile], [.. AdapterNames, TrainingState.AverageFile]];

    private Checkpoint(string path, string uri, CheckpointManifest manifest)
    {
        Path = path;
        Uri = uri;
        Manifest = manifest;
    }

    /// <summary>Its directory on this machine.</summary>
    public string Path { get; }

    /// <summary>Where it is kept: its directory, or the address of what was fetched into that.</summary>
    public string Uri { get; }

    /// <summary>What it says about itself.</summary>
    public CheckpointManifest Manifest { get; }

    /// <summary>Reads the manifest.</summary>
    /// <param name="path">The checkpoint's directory.</param>
    /// <param name="uri">Where it was fetched from; null: it is kept in that directory.</param>
    /// <exception cref="RunException">Checkpoint corrupt: the manifest cannot be read. Configuration error: another format. Input missing: no checkpoint.
    /// Storage error: it cannot be read.</exception>
    public static Checkpoint Open(string path, string? uri = null)
    {
        string file = System.IO.Path.Combine(path, CheckpointManifest.FileName);
        if (!File.Exists(file)) throw new RunException(ExitClass.InputMissing, $"{path} is no complete checkpoint: it has no {CheckpointManifest.FileName}");
        CheckpointManifest manifest = Parse(file);
        if (manifest.FormatVersion != CheckpointManifest.CurrentFormat)
        {
            throw new RunException(
                ExitClass.ConfigurationError,
                $"{file}: format {manifest.FormatVersion}, this version reads {CheckpointManifest.CurrentFormat}; use the version that wrote it");
        }

        return new(path, uri ?? path, manifest);
    }

    /// <summary>Compares size and hash of every file with the manifest.</summary>
    /// <exception cref="RunException">Checkpoint corrupt: a file is missing or has another content; the message names it.</exception>
    public void Verify()
    {
        foreach (CheckpointFile file in Manifest.Files)
        {
            string path = System.IO.Path.Combine(Path, file.Name);
            if (!File.Exists(path)) throw Corrupt(path, "it is missing");
            Read(path, stream =>
            {
                if (stream.Length != file.Bytes) throw Corrupt(path, $"it has {stream.Length} bytes instead of {file.Bytes}");
                if (Convert.ToHexStringLower(SHA256.HashData(stream)) != file.Sha256) throw Corrupt(path, "its content has changed");
                return 0;
            });
        }
    }

    /// <summary>Compares the step of the manifest with the one it should be of.</summary>
    /// <param name="step">The step that its directory's name says.</param>
    /// <exception cref="RunException">Checkpoint corrupt: it is of another step.</exception>
    internal void RefuseUnlessOf(int step)
    {
        if (Manifest.Position.Step != step)
            throw Corrupt(System.IO.Path.Combine(Path, CheckpointManifest.FileName), $"it says step {Manifest.Position.Step}");
    }

    /// <summary>Compares the position of the manifest with what the run makes of the same step.</summary>
    /// <param name="expected">Where the run is after that step.</param>
    /// <exception cref="RunException">Checkpoint corrupt: it is of another position.</exception>
    internal void RefuseUnlessAt(TrainingPosition expected)
    {
        if (Manifest.Position != expected)
            throw Corrupt(System.IO.Path.Combine(Path, CheckpointManifest.FileName), $"it says {Manifest.Position}, which is not of this run");
    }

    /// <summary>Copies weights, moments and the number of updates into a run's state.</summary>
    /// <param name="state">Of the same network.</param>
    /// <exception cref="RunException">Checkpoint corrupt: its tensors are not those of this network.</exception>
    public void Restore(TrainingState state)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach ((string name, IReadOnlyList<(string Name, Tensor Tensor)> tensors) in state.Files())
        {
            using var file = SafetensorsFile.Open(System.IO.Path.Combine(Path, name));
            if (file.Entries.Count != tensors.Count) throw Corrupt(file.Path, $"it has {file.Entries.Count} tensors instead of {tensors.Count}");
            foreach ((string key, Tensor target) in tensors) Copy(file, key, target);
        }

        state.Parameters.UpdateNetwork();
        state.Optimizer.Steps = Manifest.Position.Step;
    }

    private static void Copy(SafetensorsFile file, string key, Tensor target)
    {
        bool fits = file.Entries.TryGetValue(key, out SafetensorsEntry? entry) && entry.Shape.SequenceEqual(target.shape) && entry.Type == target.dtype;
        if (!fits) throw Corrupt(file.Path, $"tensor {key} is missing or not a {target.dtype} of [{string.Join(", ", target.shape)}]");
        target.copy_(file.GetTensor(key));
    }

    private static CheckpointManifest Parse(string file)
    {
        try
        {
            CheckpointManifest manifest = Read(file, stream => stream.Length <= MostManifestBytes
                ? CheckpointManifest.Parse(stream)
                : throw Corrupt(file, $"it has {stream.Length} bytes, too many for a manifest")) ?? throw Corrupt(file, "it is empty");
            string[] names = [.. manifest.Files.Select(each => each.Name).Order(StringComparer.Ordinal)];
            bool isOurs = manifest.FormatVersion != CheckpointManifest.CurrentFormat || Known.Any(names.SequenceEqual);
            return isOurs ? manifest : throw Corrupt(file, $"its files are not {string.Join(" and ", FileNames)}");
        }
        catch (JsonException e)
        {
            throw Corrupt(file, "it is no manifest", e);
        }
    }

    private static T Read<T>(string file, Func<FileStream, T> read)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            return read(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunException(ExitClass.StorageError, $"{file} cannot be read: {e.Message}; check the disk and try again", e);
        }
    }

    private static RunException Corrupt(string file, string what, Exception? cause = null) =>
        new(ExitClass.CheckpointCorrupt, $"{file} is corrupt: {what}; remove its checkpoint, or give --previous-checkpoint, to go on from the one before", cause);
}
