using DiffusionDpo.Cli.Places;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Local;
using Xunit;

namespace DiffusionDpo.Cli.Tests.ObjectStorage;

/// <summary>On a store of files; with real servers in <see cref="RemoteRunTests"/>.</summary>
public sealed class RunMirrorTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public RunMirrorTests()
    {
        Directory.CreateDirectory(_workspace.In("there"));
        Directory.CreateDirectory(_workspace.In("here"));
    }

    public void Dispose() => _workspace.Dispose();

    /// <summary>A log that was written on here after it was last brought there is kept; one of another history gives way, however long it is.</summary>
    [Theory]
    [InlineData(null, "1 2 3", "1 2 3")]
    [InlineData("1 2", "1 2 3", "1 2 3")]
    [InlineData("1 2 3 4", "1 2 3", "1 2 3 4")]
    [InlineData("1 2 lost 3 4", "1 2 3", "1 2 3")]
    [InlineData("1 2", null, "1 2")]
    public void The_log_is_that_of_the_history_which_counts(string? here, string? there, string expected)
    {
        if (here is not null) File.WriteAllText(_workspace.In("here", "events.jsonl"), here);
        if (there is not null) File.WriteAllText(_workspace.In("there", "events.jsonl"), there);
        Mirror.Pull("events.jsonl");
        Assert.Equal(expected, File.ReadAllText(_workspace.In("here", "events.jsonl")));
        Assert.Single(Directory.GetFileSystemEntries(_workspace.In("here")));
    }

    [Fact]
    public void A_directory_comes_whole_or_not_at_all()
    {
        Directory.CreateDirectory(_workspace.In("there", "samples"));
        File.WriteAllText(_workspace.In("there", "samples", "001-before.png"), "picture");
        Mirror.PullDirectory("samples", "prompts.json");
        Assert.Empty(Directory.GetFileSystemEntries(_workspace.In("here")));
        File.WriteAllText(_workspace.In("there", "samples", "prompts.json"), "[]");
        Mirror.PullDirectory("samples", "prompts.json");
        Assert.Equal(["001-before.png", "prompts.json"], Directory.GetFiles(_workspace.In("here", "samples")).Select(Path.GetFileName).Order());
    }

    private RunMirror Mirror => new(new LocalStore(), StorageUri.OfPath(_workspace.In("there")), _workspace.In("here"));
}
