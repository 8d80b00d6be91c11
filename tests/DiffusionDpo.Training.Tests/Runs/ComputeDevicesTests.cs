using System.Runtime.InteropServices;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Training.Runs;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Runs;

/// <summary>What float32 means on a GPU is a setting of the whole process, which is there without one too: no other test may run.</summary>
[CollectionDefinition(DisableParallelization = true)]
[Collection(typeof(ComputeDevicesTests))]
public sealed class ComputeDevicesTests : IDisposable
{
    private readonly RunDirectory directory = new();

    public void Dispose()
    {
        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (false, true); // as libtorch begins
        directory.Dispose();
    }

    [Fact]
    public void Asking_for_the_device_sets_nothing()
    {
        backends.cudnn.allow_tf32 = true;
        _ = ComputeDevices.Of(new() { Device = ComputeDevice.Cpu });
        Assert.Equal((false, true), Settings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Products_and_convolutions_are_rounded_as_the_options_say_and_whatever_was_before(bool tf32)
    {
        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (!tf32, !tf32);
        Assert.Equal(CPU, ComputeDevices.Use(new() { Device = ComputeDevice.Cpu, Tf32 = tf32 }));
        Assert.Equal((tf32, tf32), Settings);
    }

    /// <summary>A run has set it before its first step, and leaves nothing to the next run of the process.</summary>
    [Fact]
    public void A_run_computes_as_its_file_says_and_says_so()
    {
        foreach (bool tf32 in (bool[])[true, false])
        {
            string place = Path.Combine(directory.Root, $"{tf32}");
            RunFile file = directory.File with
            {
                Training = directory.File.Training with { Steps = 1, Tf32 = tf32 }, Output = new() { Uri = place }, Checkpoints = directory.File.Checkpoints with { Uri = place + "/checkpoints" },
            };
            List<(bool Told, (bool, bool) Set)> seen = [];
            _ = TrainingRun.Execute(file, new() { OnEvent = happened => { if (happened is RunStarted started) seen.Add((started.Training.Tf32, Settings)); } }, CancellationToken.None);
            Assert.Equal([(tf32, (tf32, tf32))], seen);
        }
    }

    [Fact]
    public void Without_a_driver_the_memory_of_a_gpu_is_unknown()
    {
        bool hasDriver = NativeLibrary.TryLoad("libcuda.so.1", out _);
        Assert.True(hasDriver ? GpuMemory.Total() is null or > 0 : GpuMemory.Total() is null);
    }

    private static (bool Products, bool Convolutions) Settings => (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32);
}
