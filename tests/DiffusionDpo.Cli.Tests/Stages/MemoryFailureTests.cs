using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Stages;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using TorchSharp;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Stages;

public sealed class MemoryFailureTests(UninterruptedRun uninterrupted)
{
    [Fact]
    public void A_model_is_kept_where_memory_is_too_short_for_its_samples()
    {
        using Workspace workspace = new();
        string model = workspace.Copy(uninterrupted.FineTune.Model, "model"), config = Path.Combine(model, "unet", "config.json");
        System.IO.File.WriteAllText(config, Regex.Replace(System.IO.File.ReadAllText(config), "\"sample_size\": [0-9]+", "\"sample_size\": 4000000")); // hundreds of terabytes of noise
        workspace.Write(uninterrupted.FineTune with { Model = model, Steps = 2 });
        Outcome outcome = DdpoProcess.Run("run", workspace.File).Ended(0);
        Assert.Contains(outcome.Output.Concat(outcome.Errors), line => line.Contains("no samples were drawn: too little memory", StringComparison.Ordinal));
        Assert.True(Directory.Exists(Path.Combine(workspace.Run, "model")));
    }

    [Fact]
    public void Memory_that_libtorch_cannot_have_is_told_with_what_to_lower()
    {
        RunException failure = Assert.Throws<RunException>(() => MemoryFailure.Translate(File, () => torch.empty(1L << 50)));
        Assert.Equal(ExitClass.ConfigurationError, failure.ExitClass);
        Assert.StartsWith("too little memory for micro-batches of 2 pairs at 64 pixels; `ddpo run FILE --dry-run` estimates what is needed; set training.gradientCheckpointing: blocks, or lower training.microBatch", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_of_the_gpu_has_its_own_exit_class()
    {
        RunException failure = MemoryFailure.Of(new GpuFailure(), File)!;
        Assert.Equal(ExitClass.CudaOutOfMemory, failure.ExitClass);
        Assert.Contains("lower training.microBatch", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_failures_stay_what_they_are() =>
        Assert.Throws<ExternalException>(() => MemoryFailure.Translate(File, () => torch.ones(2).add(torch.ones(3))));

    /// <summary>The run's directory is not taken by what could not begin: with the smaller micro-batch it is another run.</summary>
    [Fact]
    public void After_too_little_memory_the_same_directory_serves_the_corrected_fine_tune()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.FineTune.ToYaml()
            .Replace("resolution: 64", "resolution: 256", StringComparison.Ordinal).Replace("globalBatch: 4, microBatch: 2", "globalBatch: 128, microBatch: 128", StringComparison.Ordinal)
            .Replace("prefetchPairs: 128", "prefetchPairs: 8", StringComparison.Ordinal));
        using DdpoProcess process = DdpoProcess.Start(DdpoProcess.Executable, ["run", workspace.File], ("DOTNET_GCHeapHardLimit", "0x5000000"));
        Assert.StartsWith("error: too little memory for micro-batches of 128 pairs at 256 pixels", process.WaitForExit().Ended(78).OneError(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.Run));
    }

    private RunFile File => RunPlan.For(FineTuneYaml.ReadFile(uninterrupted.File).OrThrow()).Stages[0];

    // As libtorch throws it where there is a GPU.
    private sealed class GpuFailure() : ExternalException("CUDA out of memory. Tried to allocate 20.00 MiB.");
}
