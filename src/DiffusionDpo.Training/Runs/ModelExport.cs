using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Storage;
using DiffusionDpo.Training.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Runs;

/// <summary>The Export stage of a run: the base model with the trained UNet, or with its average where one is kept, in diffusers layout.</summary>
public static class ModelExport
{
    /// <summary>Where a run's model is, once it is exported.</summary>
    /// <param name="file">The run file.</param>
    public static string PlaceOf(RunFile file) => Path.Combine(StorageUri.Parse(file.Output.Uri).LocalPath, "model");

    /// <summary>Writes the model of the newest checkpoint to the directory <c>model</c> of the run; leaves one that is there already.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The model's directory.</returns>
    /// <exception cref="RunException">Input missing: there is no checkpoint. Checkpoint corrupt. Storage error: the disk is full or cannot be written.</exception>
    public static string Write(RunFile file, TimeProvider time)
    {
        string target = PlaceOf(file);
        if (Directory.Exists(target)) return target; // it appears whole or not at all, and the run's directory holds no other run
        Checkpoint checkpoint = TrainingRun.StoreOf(file, time).FindLatest()
            ?? throw new RunException(ExitClass.InputMissing, $"{file.Checkpoints.Uri} has no checkpoint to export; train first");
        using DisposeScope scope = NewDisposeScope();
        using Weights weights = Weights.Open(Path.Combine(checkpoint.Path, file.Training.Ema.Decay > 0 ? TrainingState.AverageFile : TrainingState.WeightsFile));
        (string Name, Tensor Tensor)[] tensors = [.. weights.Entries.Keys.Select(name => (name, weights.GetTensor(name)))];
        ModelDirectory source = ModelDirectory.Open(StorageUri.Parse(file.Model.Source).LocalPath);
        source.WriteWith(target, "unet", tensors, new WeightsFormat { StoreAs = NumberFormats.Of(file.Output.Precision) });
        return target;
    }
}
