using System.Security.Cryptography;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Checkpoints;

/// <summary>
/// The checkpoints of a run on this machine: directories <c>step-00000100</c> with the network's weights, the optimizer's moments and a manifest. A directory of
/// that name is complete: it was filled under another one, flushed and renamed.
/// </summary>
/// <param name="directory">Where they are; created with the first.</param>
/// <param name="keep">How many of the newest are kept, at least 1.</param>
/// <param name="time">The clock.</param>
public sealed class CheckpointStore(string directory, int keep, TimeProvider time) : ICheckpointStore
{
    /// <summary>Written at a time; what is hashed comes in pieces of 4 KiB.</summary>
    private const int WriteBytes = 1 << 20;

    /// <inheritdoc/>
    public void Begin(Checkpoint? resumed)
    {
        // The directory is locked: nobody else writes here.
    }

    /// <inheritdoc/>
    public CheckpointStatus Save(TrainingPosition position, RunIdentity run, TrainingState state)
    {
        string path = Path.Combine(directory, CheckpointName.Of(position.Step));
        DateTimeOffset completed = default;
        string hash = "";
        Discard(path); // one that a corrupt file made us pass over; the same step gives the same content again
        DurableDirectory.Write(path, into =>
        {
            using DisposeScope views = NewDisposeScope();
            CheckpointFile[] files = [.. state.Files().Select(file => WriteTensors(into, file.Name, file.Tensors))];
            completed = time.GetUtcNow();
            byte[] manifest = new CheckpointManifest
            {
                FormatVersion = CheckpointManifest.CurrentFormat, Position = position, Run = run, Files = files, CreatedAt = completed, WorldSize = 1,
            }.ToJson();
            File.WriteAllBytes(Path.Combine(into, CheckpointManifest.FileName), manifest);
            hash = Convert.ToHexStringLower(SHA256.HashData(manifest));
        });
        string[] kept = [.. Complete().Where(each => StepOf(each) <= position.Step).Take(keep)];
        foreach (string old in Access(directory, All).Except(kept)) Discard(old);
        return new() { Step = position.Step, Uri = path, Sha256 = hash, Time = completed, WorldSize = 1 };
    }

    /// <inheritdoc/>
    public Checkpoint? FindLatest(bool passOverCorrupt = false, int? before = null, CancellationToken stop = default)
    {
        foreach (string path in Complete().Where(path => before is not { } limit || StepOf(path) < limit))
        {
            try
            {
                var checkpoint = Checkpoint.Open(path);
                checkpoint.Verify();
                checkpoint.RefuseUnlessOf(StepOf(path));
                return checkpoint;
            }
            catch (RunException e) when (e.ExitClass == ExitClass.CheckpointCorrupt && passOverCorrupt)
            {
                continue;
            }
        }

        return null;
    }

    private static int StepOf(string path) => CheckpointName.StepOf(Path.GetFileName(path))!.Value;

    /// <summary>Checkpoints with a manifest, the newest first. What has another name is somebody's own: a copy that is to be kept.</summary>
    private string[] Complete() => Access(directory, () => !Directory.Exists(directory)
        ? []
        : Named("").Where(path => File.Exists(Path.Combine(path, CheckpointManifest.FileName))).OrderByDescending(StepOf).ToArray());

    /// <summary>Directories that are or were to become checkpoints.</summary>
    private string[] All() => [.. Named(""), .. Named(".", DurableDirectory.PartialEnding)];

    private IEnumerable<string> Named(string begin, string end = "") => Directory.GetDirectories(directory, $"{begin}{CheckpointName.Prefix}*{end}")
        .Where(path => Path.GetFileName(path) is var name && name.EndsWith(end, StringComparison.Ordinal) && CheckpointName.StepOf(name[begin.Length..^end.Length]) is not null);

    /// <summary>Removes a checkpoint, its manifest first: what a kill leaves of it counts as incomplete.</summary>
    private static void Discard(string path) => Access(path, () =>
    {
        if (!Directory.Exists(path)) return 0;
        File.Delete(Path.Combine(path, CheckpointManifest.FileName));
        Directory.Delete(path, recursive: true);
        return 0;
    });

    private static T Access<T>(string path, Func<T> access)
    {
        try
        {
            return access();
        }
        catch (Exception e) when (DurableFile.IsOfTheDisk(e))
        {
            throw new RunException(ExitClass.StorageError, $"{path} cannot be read or removed: {e.Message}; check the disk and whether it may be written", e);
        }
    }

    private static CheckpointFile WriteTensors(string directory, string name, IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        string path = Path.Combine(directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var hash = SHA256.Create();
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, WriteBytes);
        using (var hashed = new CryptoStream(file, hash, CryptoStreamMode.Write, leaveOpen: true)) SafetensorsWriter.Write(hashed, tensors);
        return new(name, file.Length, Convert.ToHexStringLower(hash.Hash!));
    }
}
