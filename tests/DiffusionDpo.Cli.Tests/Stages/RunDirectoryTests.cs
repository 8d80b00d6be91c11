using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Stages;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Stages;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly Workspace _workspace = new();

    private static TinyFineTune FineTune => new() { Data = "data", HeldOut = "held-out" };

    [Fact]
    public void A_run_goes_on_in_its_own_directory()
    {
        RunDirectory.Open(File()).Dispose();
        RunDirectory.Open(File()).Dispose();
        Assert.Equal(File().ToJson(), System.IO.File.ReadAllText(_workspace.In("run", "run.json")));
    }

    [Fact]
    public void What_does_not_change_the_weights_does_not_make_another_run()
    {
        RunDirectory.Open(File()).Dispose();
        RunDirectory.Open(File(FineTune with { CheckpointEvery = 5 })).Dispose();
    }

    [Fact]
    public void Another_run_is_refused()
    {
        RunDirectory.Open(File()).Dispose();
        string message = Failure.Of(ExitClass.ConfigurationError, () => RunDirectory.Open(File(FineTune with { Steps = 10 })));
        Assert.Contains($"{_workspace.Run} belongs to another run (tiny: ", message, StringComparison.Ordinal);
        RunDirectory.Open(File()).Dispose(); // the refusal holds no lock
    }

    [Fact]
    public void A_second_owner_is_refused_until_the_first_is_done()
    {
        using (RunDirectory.Open(File()))
            Assert.Contains("another process works in", Failure.Of(ExitClass.ConfigurationError, () => RunDirectory.Open(File())), StringComparison.Ordinal);
        RunDirectory.Open(File()).Dispose();
    }

    [Fact]
    public void Checkpoints_of_two_runs_do_not_come_into_one_place_at_once()
    {
        RunFile first = Sharing("run"), second = Sharing("other");
        using (RunDirectory directory = RunDirectory.Open(first))
        {
            string refusal = Failure.Of(ExitClass.ConfigurationError, () => RunDirectory.Open(second));
            Assert.StartsWith($"checkpoints.uri: another process works in {_workspace.In("shared")}", refusal, StringComparison.Ordinal);
            Assert.StartsWith("checkpoints.uri: ", Failure.Of(ExitClass.ConfigurationError, () => RunDirectory.Examine(second)), StringComparison.Ordinal);
            directory.Abandon(ExitClass.ConfigurationError);
        }

        Assert.False(Directory.Exists(_workspace.In("shared")));
        RunDirectory.Open(second).Dispose();

        RunFile Sharing(string output) => File(FineTune with { Output = output }) is var file ? file with { Checkpoints = file.Checkpoints with { Uri = _workspace.In("shared") } } : null!;
    }

    [Fact]
    public void A_directory_that_was_given_up_is_gone_with_those_made_for_it()
    {
        using (RunDirectory directory = RunDirectory.Open(File(FineTune with { Output = "deep/below/run" })))
        {
            directory.OpenLog(TimeProvider.System).Dispose();
            directory.Abandon(ExitClass.ConfigurationError);
        }

        Assert.False(Directory.Exists(_workspace.In("deep")));
    }

    [Fact]
    public void Places_that_a_run_will_write_to_are_looked_at_before_it()
    {
        System.IO.File.WriteAllText(_workspace.In("file"), "");
        RunFile sound = File(), wrong = sound with { Checkpoints = sound.Checkpoints with { Uri = _workspace.In("file", "checkpoints") } };
        RunDirectory.Examine(sound);
        Assert.StartsWith("checkpoints.uri: ", Failure.Of(ExitClass.StorageError, () => RunDirectory.Examine(wrong)), StringComparison.Ordinal);
        RunFile cached = sound with { Data = sound.Data with { Cache = DataCache.Latents, CacheUri = _workspace.In("file", "cache") } };
        Assert.StartsWith("data.cacheUri: ", Failure.Of(ExitClass.StorageError, () => RunDirectory.Examine(cached)), StringComparison.Ordinal);
    }

    [Fact]
    public void Giving_up_removes_nothing_that_was_there_before()
    {
        Directory.CreateDirectory(_workspace.Run);
        System.IO.File.WriteAllText(_workspace.In("run", "notes.txt"), "mine");
        using (RunDirectory directory = RunDirectory.Open(File())) directory.Abandon(ExitClass.ConfigurationError);
        Assert.Equal([_workspace.In("run", "notes.txt")], Directory.GetFileSystemEntries(_workspace.Run));
    }

    [Fact]
    public void A_directory_of_an_earlier_process_is_not_given_up()
    {
        RunDirectory.Open(File()).Dispose();
        using (RunDirectory directory = RunDirectory.Open(File())) directory.Abandon(ExitClass.ConfigurationError);
        Assert.True(System.IO.File.Exists(_workspace.In("run", "run.json")));
    }

    /// <summary>Its run file may be lost, or lie elsewhere where a pod has it: what the run has told is not this process's to remove.</summary>
    [Fact]
    public void A_directory_with_the_log_of_an_earlier_process_is_not_given_up()
    {
        Directory.CreateDirectory(_workspace.Run);
        System.IO.File.WriteAllText(_workspace.In("run", "events.jsonl"), "{}\n");
        using (RunDirectory directory = RunDirectory.Open(File())) directory.Abandon(ExitClass.ConfigurationError);
        Assert.Equal("{}\n", System.IO.File.ReadAllText(_workspace.In("run", "events.jsonl")));
    }

    public void Dispose() => _workspace.Dispose();

    private RunFile File(TinyFineTune? fineTune = null) =>
        RunPlan.For(FineTuneYaml.Read((fineTune ?? FineTune).ToYaml(), "finetune.yaml", _workspace.Path).OrThrow()).Stages[0];
}
