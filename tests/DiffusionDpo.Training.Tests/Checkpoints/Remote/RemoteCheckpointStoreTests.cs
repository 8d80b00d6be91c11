using System.Text.Json.Nodes;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Shared;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Local;
using DiffusionDpo.Training.Checkpoints;
using DiffusionDpo.Training.Checkpoints.Remote;
using DiffusionDpo.Training.Objectives;
using Xunit;

namespace DiffusionDpo.Training.Tests.Checkpoints.Remote;

/// <summary>On a store of files, which keeps the same promises; with real servers in the end-to-end tests.</summary>
public sealed class RemoteCheckpointStoreTests : IDisposable
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly string directory = Path.Combine(Path.GetTempPath(), $"ddpo-remote-{Guid.NewGuid():N}");
    private readonly TinyRun run = new(new SigmoidObjective(5000));
    private readonly LocalStore objects = new();

    private string Place => Path.Combine(directory, "bucket");

    public void Dispose()
    {
        run.Dispose();
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void What_is_saved_is_restored_bit_for_bit_elsewhere()
    {
        for (int i = 0; i < 3; i++) run.Step.Run(() => run.Batch(i, 1), CancellationToken.None);
        Save(Begun(), 3);
        using var other = new TinyRun(new SigmoidObjective(5000));
        Checkpoint checkpoint = Store("elsewhere").FindLatest(stop: Stop)!;
        checkpoint.Restore(other.State);
        Assert.True(run.Parameters.Values.equal(other.Parameters.Values).all().item<bool>());
        Assert.True(run.Optimizer.SecondMoments.equal(other.Optimizer.SecondMoments).all().item<bool>());
        Assert.Equal((3, 1), (other.Optimizer.Steps, checkpoint.Manifest.Attempt));
        Assert.Equal(Path.Combine(Place, "step-00000003-a00000001"), checkpoint.Uri);
    }

    [Fact]
    public void Only_the_newest_are_kept()
    {
        RemoteCheckpointStore store = Begun();
        foreach (int step in new[] { 1, 2, 3 }) Save(store, step);
        Assert.Equal(["step-00000002-a00000001", "step-00000003-a00000001"], Names());
    }

    [Fact]
    public void No_checkpoint_is_no_failure() => Assert.Null(Store().FindLatest(stop: Stop));

    [Fact]
    public void Going_back_leaves_the_checkpoints_of_later_steps_behind()
    {
        RemoteCheckpointStore first = Begun();
        foreach (int step in new[] { 1, 5 }) Save(first, step);
        RemoteCheckpointStore second = Store();
        second.Begin(second.FindLatest(before: 2, stop: Stop));
        Assert.Equal(1, second.FindLatest(stop: Stop)!.Manifest.Position.Step); // the later one is of no history any more
        Save(second, 3);
        Assert.Equal(["step-00000001-a00000001", "step-00000003-a00000002"], Names());
    }

    /// <summary>A pod that was cut off and goes on beside its successor: nothing that it writes is read, nothing of the successor's is lost.</summary>
    [Fact]
    public void Who_was_overtaken_writes_nothing_that_counts()
    {
        RemoteCheckpointStore first = Begun();
        Save(first, 1);
        RemoteCheckpointStore second = Store("other machine");
        second.Begin(second.FindLatest(stop: Stop));
        Assert.Contains("taken over", Failure.Of(ExitClass.ConfigurationError, () => Save(first, 2)));
        Save(second, 2);
        Assert.Equal(["step-00000001-a00000001", "step-00000002-a00000002"], Names());
        Assert.Equal((2, 2), Store().FindLatest(stop: Stop)!.Manifest is var found ? (found.Position.Step, found.Attempt) : default);
    }

    /// <summary>A process that was thought dead saves on while its successor loads, and removes the checkpoint that the successor goes on from.</summary>
    [Fact]
    public void Who_goes_on_from_what_is_removed_meanwhile_gives_way_and_nothing_is_lost()
    {
        RemoteCheckpointStore first = Begun();
        Save(first, 1);
        RemoteCheckpointStore second = Store("other machine");
        Checkpoint resumed = second.FindLatest(stop: Stop)!;
        foreach (int step in new[] { 2, 3 }) Save(first, step);
        Assert.Contains("another process works at this run", Failure.Of(ExitClass.Transient, () => second.Begin(resumed)));
        Save(first, 4);
        second.Begin(second.FindLatest(stop: Stop));
        Save(second, 5);
        Assert.Equal((5, 2), Store().FindLatest(stop: Stop)!.Manifest is var found ? (found.Position.Step, found.Attempt) : default);
    }

    /// <summary>Between its last look and its manifest a process can be overtaken: its checkpoint is complete then, and must not count.</summary>
    [Fact]
    public void A_manifest_that_comes_too_late_does_not_count()
    {
        Save(Begun(), 1);
        var late = new RemoteCheckpointStore(new Interfering(objects, "step-00000009", () => Begun("other machine")), StorageUri.OfPath(Place), Path.Combine(directory, "late"), 2, TimeProvider.System);
        late.Begin(late.FindLatest(stop: Stop));
        Failure.Of(ExitClass.ConfigurationError, () => Save(late, 9));
        Assert.Contains("step-00000009-a00000002", Names());
        Assert.Equal(1, Store().FindLatest(stop: Stop)!.Manifest.Position.Step);
    }

    [Fact]
    public void Every_write_may_fail_and_the_checkpoint_before_stands()
    {
        RemoteCheckpointStore sound = Begun();
        Save(sound, 1);
        for (int failing = 1; ; failing++)
        {
            var broken = new Breaking(objects);
            var store = new RemoteCheckpointStore(broken, StorageUri.OfPath(Place), Path.Combine(directory, "scratch"), 2, TimeProvider.System);
            store.Begin(store.FindLatest(stop: Stop));
            broken.Left = failing;
            try
            {
                Save(store, 2);
                Assert.True(failing > 3); // two files and a manifest at the least
                break;
            }
            catch (RunException e) when (e.ExitClass == ExitClass.StorageError)
            {
                Assert.InRange(Store().FindLatest(stop: Stop)!.Manifest.Position.Step, 1, failing > 3 ? 2 : 1);
            }
        }

        Assert.Equal(2, Store().FindLatest(stop: Stop)!.Manifest.Position.Step);
    }

    [Theory]
    [InlineData(TrainingState.WeightsFile, false)]
    [InlineData(TrainingState.OptimizerFile, true)]
    public void A_changed_or_missing_object_of_the_newest_is_named_and_the_one_before_is_usable(string file, bool removed)
    {
        RemoteCheckpointStore store = Begun();
        Save(store, 1);
        Save(store, 2);
        string path = Path.Combine(Place, "step-00000002-a00000001", file);
        byte[] content = File.ReadAllBytes(path);
        content[^5] ^= 1;
        if (removed) File.Delete(path);
        else File.WriteAllBytes(path, content);
        Assert.Contains(path, Failure.Of(ExitClass.CheckpointCorrupt, () => Store().FindLatest(stop: Stop)));
        Assert.Equal(1, Store().FindLatest(passOverCorrupt: true, stop: Stop)!.Manifest.Position.Step);
    }

    private RemoteCheckpointStore Store(string machine = "scratch") => new(objects, StorageUri.OfPath(Place), Path.Combine(directory, machine), 2, TimeProvider.System);

    private RemoteCheckpointStore Begun(string machine = "scratch")
    {
        RemoteCheckpointStore store = Store(machine);
        store.Begin(store.FindLatest(stop: Stop));
        return store;
    }

    private void Save(RemoteCheckpointStore store, int step) => store.Save(new(step, 2 * step, 0, 1), new("fingerprint", "data", new JsonObject()), run.State);

    private string?[] Names() => [.. Directory.GetDirectories(Place, "step-*").Where(each => Directory.GetFiles(each, "*", SearchOption.AllDirectories).Length > 0).Select(Path.GetFileName).Order(StringComparer.Ordinal)];

    /// <summary>Does something just before the manifest of a checkpoint is written.</summary>
    private sealed class Interfering(IObjectStore inner, string checkpoint, Action before) : Passing(inner)
    {
        public override ValueTask WriteAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default)
        {
            if (uri.Name == CheckpointManifest.FileName && uri.Key.Contains(checkpoint, StringComparison.Ordinal)) before();
            return base.WriteAsync(uri, content, cancellation);
        }
    }

    /// <summary>Fails at the n-th change.</summary>
    private sealed class Breaking(IObjectStore inner) : Passing(inner)
    {
        public int Left { get; set; } = int.MaxValue;

        public override ValueTask WriteAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default) => Count() ?? base.WriteAsync(uri, content, cancellation);

        public override ValueTask DeleteAsync(StorageUri uri, CancellationToken cancellation = default) => Count() ?? base.DeleteAsync(uri, cancellation);

        private ValueTask? Count() => --Left == 0 ? throw new RunException(ExitClass.StorageError, "cut") : null;
    }

    private class Passing(IObjectStore inner) : IObjectStore
    {
        public ValueTask<ObjectInfo?> FindAsync(StorageUri uri, CancellationToken cancellation = default) => inner.FindAsync(uri, cancellation);

        public ValueTask ReadAsync(StorageUri uri, long offset, Memory<byte> destination, CancellationToken cancellation = default) => inner.ReadAsync(uri, offset, destination, cancellation);

        public virtual ValueTask WriteAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default) => inner.WriteAsync(uri, content, cancellation);

        public ValueTask<bool> CreateAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default) => inner.CreateAsync(uri, content, cancellation);

        public IAsyncEnumerable<ObjectInfo> ListAsync(StorageUri directory, CancellationToken cancellation = default) => inner.ListAsync(directory, cancellation);

        public virtual ValueTask DeleteAsync(StorageUri uri, CancellationToken cancellation = default) => inner.DeleteAsync(uri, cancellation);
    }
}
