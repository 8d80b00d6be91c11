using System.Diagnostics;
using System.Text.Json.Nodes;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Checkpoints;
using DiffusionDpo.Training.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly string directory = Path.Combine(Path.GetTempPath(), $"ddpo-checkpoints-{Guid.NewGuid():N}");
    private readonly TinyRun run = new(new SigmoidObjective(5000));
    private readonly CheckpointStore store;

    public CheckpointStoreTests() => store = new(directory, 2, TimeProvider.System);

    public void Dispose()
    {
        run.Dispose();
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void What_is_saved_is_restored_bit_for_bit()
    {
        for (int i = 0; i < 3; i++) run.Step.Run(() => run.Batch(i, 1), CancellationToken.None);
        Save(3);
        using var other = new TinyRun(new SigmoidObjective(5000));
        Checkpoint checkpoint = store.FindLatest(stop: Stop)!;
        checkpoint.Restore(other.State);
        Assert.Equal(3, other.Optimizer.Steps);
        foreach ((Tensor saved, Tensor restored) in new[]
        {
            (run.Parameters.Values, other.Parameters.Values), (run.Optimizer.FirstMoments, other.Optimizer.FirstMoments),
            (run.Optimizer.SecondMoments, other.Optimizer.SecondMoments),
        })
            Assert.True(saved.equal(restored).all().item<bool>());
        Assert.Equal(new(3, 6, 0, 1), checkpoint.Manifest.Position);
        Assert.Equal(("fingerprint", "data"), (checkpoint.Manifest.Run.Fingerprint, checkpoint.Manifest.Run.DataHash));
    }

    [Fact]
    public void Only_the_newest_are_kept()
    {
        foreach (int step in new[] { 1, 2, 3 }) Save(step);
        Assert.Equal(["step-00000002", "step-00000003"], Directory.GetDirectories(directory).Select(Path.GetFileName).Order());
    }

    /// <summary>Copies that somebody keeps beside the checkpoints count as nothing, and nobody removes them.</summary>
    [Fact]
    public void Directories_of_other_names_are_their_owners()
    {
        string[] names = ["step-best", "step-00000001-good", "step-1", ".step-best.partial", ".step-mine"];
        Save(1);
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.Combine(directory, name));
            File.Copy(Path.Combine(directory, "step-00000001", CheckpointManifest.FileName), Path.Combine(directory, name, CheckpointManifest.FileName));
        }

        foreach (int step in new[] { 2, 3, 4 }) Save(step);
        Assert.Equal([.. names.Order(StringComparer.Ordinal), "step-00000003", "step-00000004"], Directory.GetDirectories(directory).Select(Path.GetFileName).OrderBy(name => !names.Contains(name)).ThenBy(name => name, StringComparer.Ordinal));
        Assert.Equal(4, store.FindLatest(stop: Stop)!.Manifest.Position.Step);
    }

    [Fact]
    public void No_directory_and_no_checkpoint_are_no_failure()
    {
        Assert.Null(store.FindLatest(stop: Stop));
        Directory.CreateDirectory(directory);
        Assert.Null(store.FindLatest(stop: Stop));
    }

    [Fact]
    public void Incomplete_ones_are_ignored()
    {
        Save(1);
        Copy("step-00000001", ".step-00000002.partial");
        Copy("step-00000001", "step-00000003");
        File.Delete(Path.Combine(directory, "step-00000003", CheckpointManifest.FileName));
        Assert.Equal(1, store.FindLatest(stop: Stop)!.Manifest.Position.Step);
    }

    [Fact]
    public void What_killed_processes_have_left_goes_with_the_next_save()
    {
        Save(1);
        Copy("step-00000001", ".step-00000002.partial");
        Copy("step-00000001", "step-00000003");
        File.Delete(Path.Combine(directory, "step-00000003", CheckpointManifest.FileName));
        Save(4);
        Assert.Equal(["step-00000001", "step-00000004"], Directory.GetDirectories(directory).Select(Path.GetFileName).Order());
    }

    /// <summary>Otherwise those of the abandoned history would take the places of the new ones, and be what the next process goes on from.</summary>
    [Fact]
    public void Going_back_leaves_the_checkpoints_of_later_steps_behind()
    {
        foreach (int step in new[] { 1, 5, 6 }) Save(step);
        Save(3);
        Assert.Equal(["step-00000003"], Directory.GetDirectories(directory).Select(Path.GetFileName).Order());
        Assert.Equal(3, store.FindLatest(stop: Stop)!.Manifest.Position.Step);
    }

    [Fact]
    public void Before_a_step_means_the_newest_of_the_earlier_ones()
    {
        Save(1);
        Save(2);
        Save(3);
        Assert.Equal(2, store.FindLatest(before: 3, stop: Stop)!.Manifest.Position.Step);
        Assert.Equal(3, store.FindLatest(before: 4, stop: Stop)!.Manifest.Position.Step);
        Assert.Null(store.FindLatest(before: 1, stop: Stop));
    }

    [Theory]
    [InlineData(TrainingState.WeightsFile)]
    [InlineData(TrainingState.OptimizerFile)]
    public void A_changed_file_of_the_newest_is_named_and_the_one_before_is_usable(string file)
    {
        Save(1);
        Save(2);
        string path = Path.Combine(directory, "step-00000002", file);
        byte[] content = File.ReadAllBytes(path);
        content[^5] ^= 1;
        File.WriteAllBytes(path, content);
        Assert.Contains(path, Failure.Of(ExitClass.CheckpointCorrupt, () => store.FindLatest(stop: Stop)));
        Assert.Equal(1, store.FindLatest(passOverCorrupt: true, stop: Stop)!.Manifest.Position.Step);
        Save(2);
        Assert.Equal(2, store.FindLatest(stop: Stop)!.Manifest.Position.Step);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("short")]
    [InlineData("manifest")]
    public void Missing_and_short_files_and_unreadable_manifests_are_corrupt(string damage)
    {
        Save(1);
        string path = Path.Combine(directory, "step-00000001", damage == "manifest" ? CheckpointManifest.FileName : TrainingState.OptimizerFile);
        if (damage == "missing") File.Delete(path);
        else File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);
        Assert.Contains(path, Failure.Of(ExitClass.CheckpointCorrupt, () => store.FindLatest(stop: Stop)));
    }

    [Fact]
    public void A_checkpoint_of_another_network_is_not_restored()
    {
        Save(1);
        using var module = TorchSharp.torch.nn.Linear(2, 2);
        using var parameters = DiffusionDpo.Training.Parameters.FlatParameters.Of(module);
        using var optimizer = new DiffusionDpo.Training.Optimizers.AdamW(parameters, TinyRun.Rates);
        Failure.Of(ExitClass.CheckpointCorrupt, () => store.FindLatest(stop: Stop)!.Restore(new(parameters, optimizer)));
    }

    [Fact]
    public void On_a_full_disk_the_checkpoint_before_survives()
    {
        Directory.CreateDirectory(directory);
        if (!Shell($"mount -t tmpfs -o size=8m tmpfs {directory}")) Assert.Skip("no small file system can be mounted here");
        try
        {
            Save(1);
            File.WriteAllBytes(Path.Combine(directory, "filler"), new byte[2 << 20]);
            Assert.Contains("step-00000002", Failure.Of(ExitClass.StorageError, () => Save(2)));
            Assert.Equal(1, store.FindLatest(stop: Stop)!.Manifest.Position.Step);
            Assert.Equal(["step-00000001"], Directory.GetDirectories(directory).Select(Path.GetFileName));
        }
        finally
        {
            Shell($"umount {directory}");
        }
    }

    private static bool Shell(string command)
    {
        using Process process = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private void Save(int step) => store.Save(new(step, 2 * step, 0, 1), new("fingerprint", "data", new JsonObject()), run.State);

    private void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(directory, from), "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(directory, to, Path.GetRelativePath(Path.Combine(directory, from), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
