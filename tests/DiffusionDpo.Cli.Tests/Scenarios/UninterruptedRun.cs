using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

[assembly: AssemblyFixture(typeof(UninterruptedRun))]

namespace DiffusionDpo.Cli.Tests.Scenarios;

/// <summary>Data that all tests share, and a run over it from beginning to end that the others are compared with. Nobody changes it.</summary>
public sealed class UninterruptedRun : IDisposable
{
    public const int Steps = 9;

    private readonly Workspace _workspace = new();

    public UninterruptedRun()
    {
        TinyData.Write(_workspace.In("data", "train-00000.parquet"), 12);
        TinyData.Write(_workspace.In("data", "train-00001.parquet"), 8, firstRow: 12);
        TinyData.Write(_workspace.In("held-out", "validation-00000.parquet"), 6, firstRow: 20);
        _workspace.Write(FineTune);
        Outcome = DdpoProcess.Run("run", File, "--json").Ended(0);
    }

    public string File => _workspace.File;

    public string Run => _workspace.Run;

    public string Model => _workspace.Model;

    public string Data => _workspace.In("data");

    internal Outcome Outcome { get; }

    internal TinyFineTune FineTune => new() { Data = Data, HeldOut = _workspace.In("held-out") };

    /// <summary>One that goes on until somebody stops it.</summary>
    internal TinyFineTune Endless => FineTune with { Steps = 100_000, CheckpointEvery = 100_000 };

    /// <summary>A workspace of its own for the same fine-tune.</summary>
    internal Workspace Again() => new Workspace().Write(FineTune);

    /// <summary>Expects another run of the fine-tune to have come to the same weights and moments, bit for bit.</summary>
    internal void IsEqualTo(Workspace other)
    {
        Same(_workspace.UNet, other.UNet);
        foreach (string name in (string[])["optimizer.safetensors", "unet/diffusion_pytorch_model.safetensors"])
            Same(Path.Combine(_workspace.Checkpoint(Steps), name), Path.Combine(other.Checkpoint(Steps), name));
    }

    public void Dispose() => _workspace.Dispose();

    private static void Same(string expected, string actual) =>
        Assert.True(System.IO.File.ReadAllBytes(expected).AsSpan().SequenceEqual(System.IO.File.ReadAllBytes(actual)), $"{actual} differs from the uninterrupted run");
}
