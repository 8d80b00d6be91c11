using System.Security.Cryptography;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Transfers;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Checkpoints.Remote;

/// <summary>
/// The checkpoints of a run in object storage: weights and moments go there straight from memory, the manifest last; one without a manifest does not exist. Storage has no locks:
/// whoever begins claims the run (<see cref="RunAttempts"/>), and what one writes that was overtaken does not count.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="directory">Where they are.</param>
/// <param name="scratch">A directory of this machine for the checkpoint that is read; made and emptied as needed.</param>
/// <param name="keep">How many of the newest are kept, at least 1.</param>
/// <param name="time">The clock.</param>
public sealed class RemoteCheckpointStore(IObjectStore store, StorageUri directory, string scratch, int keep, TimeProvider time) : ICheckpointStore
{
    private readonly RunAttempts attempts = new(store, directory.Combine("attempts"), time);
    private int attempt;

    /// <inheritdoc/>
    public void Begin(Checkpoint? resumed)
    {
        attempt = attempts.Begin(resumed?.Manifest);
        if (resumed is null || store.FindAsync(StorageUri.OfText(resumed.Uri).Combine(CheckpointManifest.FileName)).AsTask().GetAwaiter().GetResult() is not null) return;
        // Who had the run before was not at its end: its newest checkpoint would be in nobody's history, and the next start would find none.
        attempts.Withdraw(attempt);
        throw new RunException(ExitClass.Transient, $"{resumed.Uri} was removed since it was read: another process works at this run; end it, or let this one start again and go on from what that one has saved");
    }

    /// <inheritdoc/>
    public CheckpointStatus Save(TrainingPosition position, RunIdentity run, TrainingState state)
    {
        if (attempt == 0) throw new InvalidOperationException("a run is begun before it is saved");
        attempts.RefuseIfOvertaken(attempt);
        StorageUri place = directory.Combine(new RemoteCheckpointName(position.Step, attempt).ToString());
        Remove(place); // one that a corrupt object made us pass over; the same step gives the same content again
        using DisposeScope views = NewDisposeScope();
        CheckpointFile[] files = [.. state.Files().Select(file => Write(place, file.Name, file.Tensors))];
        DateTimeOffset completed = time.GetUtcNow();
        byte[] manifest = new CheckpointManifest
        {
            FormatVersion = CheckpointManifest.CurrentFormat, Position = position, Run = run, Files = files, CreatedAt = completed, WorldSize = 1, Attempt = attempt,
        }.ToJson();
        attempts.RefuseIfOvertaken(attempt);
        Wait(store.WriteAsync(place.Combine(CheckpointManifest.FileName), (into, stop) => into.WriteAsync(manifest, stop)));
        attempts.RefuseIfOvertaken(attempt); // then what was written does not count, and what to remove is another's to say
        RemoveAllBut(position.Step);
        return new() { Step = position.Step, Uri = place.ToString(), Sha256 = Convert.ToHexStringLower(SHA256.HashData(manifest)), Time = completed, WorldSize = 1 };
    }

    /// <inheritdoc/>
    public Checkpoint? FindLatest(bool passOverCorrupt = false, int? before = null, CancellationToken stop = default)
    {
        foreach (RemoteCheckpointName name in Complete().Where(name => before is not { } limit || name.Step < limit))
        {
            try
            {
                return Fetch(name, stop);
            }
            catch (RunException e) when (e.ExitClass == ExitClass.CheckpointCorrupt && passOverCorrupt)
            {
                continue;
            }
        }

        return null;
    }

    /// <summary>Those with a manifest in the history of the newest attempt, the newest first.</summary>
    private RemoteCheckpointName[] Complete()
    {
        AttemptLineage lineage = attempts.Lineage();
        return
        [
            .. Objects().Where(each => each.Info.Uri.Name == CheckpointManifest.FileName && lineage.Holds(each.Name.Attempt, each.Name.Step))
                .Select(each => each.Name).OrderByDescending(name => name.Step).ThenByDescending(name => name.Attempt),
        ];
    }

    private Checkpoint Fetch(RemoteCheckpointName name, CancellationToken stop)
    {
        StorageUri place = directory.Combine(name.ToString());
        string local = Path.Combine(scratch, name.ToString());
        try
        {
            Empty(scratch);
            Download(place, local, CheckpointManifest.FileName, stop);
            Checkpoint checkpoint = Checkpoint.Open(local, place.ToString());
            foreach (CheckpointFile file in checkpoint.Manifest.Files) Download(place, local, file.Name, stop);
            checkpoint.Verify();
            checkpoint.RefuseUnlessOf(name.Step);
            return checkpoint;
        }
        catch (RunException failure) when (failure.Message.Contains(local, StringComparison.Ordinal))
        {
            throw new RunException(failure.ExitClass, failure.Message.Replace(local, place.ToString(), StringComparison.Ordinal), failure);
        }
    }

    private void Download(StorageUri place, string local, string name, CancellationToken stop)
    {
        StorageUri uri = place.Combine(name);
        ObjectInfo info = store.FindAsync(uri, stop).AsTask().GetAwaiter().GetResult()
            ?? throw new RunException(ExitClass.CheckpointCorrupt, $"{uri} is missing; remove its checkpoint, or give --previous-checkpoint, to go on from the one before");
        string path = Path.Combine(local, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        FileTransfer.DownloadAsync(store, info, path, stop).GetAwaiter().GetResult();
    }

    private CheckpointFile Write(StorageUri place, string name, IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        CheckpointFile? written = null;
        Wait(store.WriteAsync(place.Combine(name), (into, _) =>
        {
            using var hash = SHA256.Create();
            using var counted = new CountingStream(into);
            using (var hashed = new CryptoStream(counted, hash, CryptoStreamMode.Write, leaveOpen: true)) SafetensorsWriter.Write(hashed, tensors);
            written = new(name, counted.Written, Convert.ToHexStringLower(hash.Hash!));
            return ValueTask.CompletedTask;
        }));
        return written!;
    }

    /// <summary>Removes all that is neither kept nor of an attempt that is newer than this one.</summary>
    private void RemoveAllBut(int step)
    {
        HashSet<RemoteCheckpointName> kept = [.. Complete().Where(name => name.Step <= step).Take(keep)];
        foreach (RemoteCheckpointName old in Objects().Select(each => each.Name).Distinct().Where(name => !kept.Contains(name) && name.Attempt <= attempt).ToArray())
            Remove(directory.Combine(old.ToString()));
    }

    /// <summary>Removes a checkpoint, its manifest first: what a kill leaves of it does not count.</summary>
    private void Remove(StorageUri place)
    {
        foreach (ObjectInfo info in store.ListAsync(place).ToBlockingEnumerable().OrderByDescending(info => info.Uri.Name == CheckpointManifest.FileName).ToArray())
            Wait(store.DeleteAsync(info.Uri));
    }

    private IEnumerable<(RemoteCheckpointName Name, ObjectInfo Info)> Objects() => store.ListAsync(directory).ToBlockingEnumerable()
        .Select(info => (Name: RemoteCheckpointName.Of(info.Uri, directory), info)).Where(each => each.Name is not null).Select(each => (each.Name!.Value, each.info));

    private static void Empty(string path)
    {
        try
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunException(ExitClass.StorageError, $"{path} cannot be emptied: {e.Message}; make it writable", e);
        }
    }

    private static void Wait(ValueTask task) => task.AsTask().GetAwaiter().GetResult();
}
