using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Runs;

/// <summary>
/// The Export stage of a run: the base model with the trained UNet, or with its average where one is kept, in diffusers layout. Of trained adapters: the base
/// model with them merged, and the adapters alone.
/// </summary>
public static class ModelExport
{
    private const string UNet = "unet";

    /// <summary>
    /// Writes the model of the newest checkpoint to the directory <c>model</c> of the run, and adapters to <c>lora</c>; leaves what is there already.
    /// </summary>
    /// <param name="file">The run file.</param>
    /// <param name="places">Where things are on this machine.</param>
    /// <returns>The model's directory.</returns>
    /// <exception cref="RunException">
    /// Input missing: there is no checkpoint. Configuration error: the base model has changed. Checkpoint corrupt. Storage error: the disk is full or cannot be written.
    /// </exception>
    public static string Write(RunFile file, RunPlaces places)
    {
        string target = places.ExportedModel;
        if (Directory.Exists(target)) return target; // it appears whole or not at all, and the run's directory holds no other run
        Checkpoint checkpoint = places.Checkpoints.FindLatest()
            ?? throw new RunException(ExitClass.InputMissing, $"{file.Checkpoints.Uri} has no checkpoint to export; train first");
        if (checkpoint.Manifest.Run.Fingerprint != file.Fingerprint)
            throw new RunException(ExitClass.ConfigurationError, $"{checkpoint.Uri} belongs to a run with other options; give this run its own checkpoints.uri");
        using DisposeScope scope = NewDisposeScope();
        string weights = Path.Combine(checkpoint.Path, file.Training.Ema.Decay > 0 ? TrainingState.AverageFile : TrainingState.WeightsFileOf(file.Adapter));
        ModelDirectory source = ModelDirectory.Open(places.Model);
        WeightsFormat format = new() { StoreAs = NumberFormats.Of(file.Output.Precision) };
        if (file.Adapter.Type == AdapterType.Lora) WriteAdapted((file, places), source, weights, checkpoint.Manifest.Run.BaseHash, format);
        else WriteWhole(source, weights, target, format);
        return target;
    }

    private static void WriteWhole(ModelDirectory source, string path, string target, WeightsFormat format)
    {
        using Weights weights = Weights.Open(path);
        source.WriteWith(target, UNet, [.. weights.Entries.Keys.Select(name => (name, weights.GetTensor(name)))], format);
    }

    private static void WriteAdapted((RunFile File, RunPlaces Places) run, ModelDirectory source, string path, string? trainedOn, WeightsFormat format)
    {
        using Weights whole = source.OpenWeights(UNet);
        string baseHash = WeightsHash.Of(whole);
        if (trainedOn is not null && trainedOn != baseHash)
            throw new RunException(ExitClass.ConfigurationError, $"{source.Path}: its unet is not the one that the adapters were trained on; restore it");
        using var network = new UNet2DConditionModel(UNetConfig.FromFile(source.FilePath(UNet, "config.json")), META);
        using LoraAdapters adapters = LoraFile.Restore(path, network, run.File.Adapter);
        WriteAdapters(run, adapters, baseHash, format.StoreAs!.Value);
        source.WriteWith(run.Places.ExportedModel, new Dictionary<string, IReadOnlyList<TensorToWrite>> { [UNet] = LoraMerge.Of(whole, adapters, format.StoreAs) }, format);
    }

    private static void WriteAdapters((RunFile File, RunPlaces Places) run, LoraAdapters adapters, string baseHash, ScalarType type)
    {
        string place = run.Places.ExportedAdapters;
        if (Directory.Exists(place)) return;
        DurableDirectory.Write(place, into =>
        {
            LoraFile.Write(Path.Combine(into, LoraFile.DiffusersName), adapters, LoraNaming.Diffusers, baseHash, type);
            LoraFile.Write(Path.Combine(into, $"{run.File.Name}-kohya.safetensors"), adapters, LoraNaming.Kohya, baseHash, type);
        });
    }
}
