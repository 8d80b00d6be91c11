using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using TorchSharp;

namespace DiffusionDpo.Training.Runs;

/// <summary>What a valid run file may ask for and this version does not do.</summary>
public static class UnsupportedOptions
{
    private static readonly (Func<RunFile, bool> Holds, string Message)[] All =
    [
        (file => file.Training.Precision == Precision.Float16, "training.precision: fp16 is for stored weights only: its range needs loss scaling, and CPUs compute in it unusably slowly; compute in bf16 or fp32"),
        (file => file.Training.Device == ComputeDevice.Cuda && !torch.cuda_is_available(), "training.device: there is no CUDA GPU here; use auto or cpu"),
        (file => file.Training.GlobalBatch % file.Training.MicroBatch != 0, "training.globalBatch: must be a multiple of training.microBatch"),
    ];

    /// <summary>All of them, each as field, reason and remedy.</summary>
    /// <param name="file">A run file.</param>
    public static IEnumerable<string> In(RunFile file) => All.Where(each => each.Holds(file)).Select(each => each.Message);

    /// <summary>Names all of them at once.</summary>
    /// <param name="file">A run file.</param>
    /// <exception cref="RunException">Configuration error: there are some.</exception>
    public static void Refuse(RunFile file)
    {
        string[] found = [.. In(file)];
        if (found.Length > 0) throw new RunException(ExitClass.ConfigurationError, string.Join("; ", found));
    }
}
