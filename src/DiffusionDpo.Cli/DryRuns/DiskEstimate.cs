using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Storage;
using DiffusionDpo.Training.Memory;

namespace DiffusionDpo.Cli.DryRuns;

/// <summary>Estimates what a run writes.</summary>
internal static class DiskEstimate
{
    private const int MomentsAndWeights = 3;
    private const int BytesPerNumber = sizeof(float);

    /// <summary>Estimates it.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="model">What is known of the model.</param>
    /// <param name="outline">Its architecture; null: unknown.</param>
    /// <param name="pairs">Training and held-out pairs.</param>
    /// <param name="step">Where training begins.</param>
    /// <param name="directory">One that is there, on the file system of the checkpoints.</param>
    public static DiskFacts Of(RunFile file, ModelFacts model, ModelOutline? outline, long pairs, int step, string directory)
    {
        int every = file.Checkpoints.EverySteps, keep = file.Checkpoints.Keep, steps = file.Training.Steps!.Value;
        int written = Saved(steps, every) - Saved(step, every), kept = Math.Min(keep, Saved(steps, every));
        int average = file.Training.Ema.Decay > 0 ? 1 : 0;
        long checkpoint = (MomentsAndWeights + average) * model.Trained * BytesPerNumber;
        long exported = model.Bytes + (model.UNet * (BytesOf(file.Output.Precision) - BytesPerNumber));
        long cache = outline is null ? 0 : CacheOf(file, outline, pairs);
        int there = Math.Min(keep, Saved(step, every));
        // A new checkpoint is complete before an old one goes.
        long needed = (checkpoint * (kept - there + (written > 0 && kept == keep ? 1 : 0))) + exported + Math.Max(0, cache - WrittenTo(file.Data.CacheUri!));
        return new(written, kept, checkpoint, exported, cache, needed, Free(directory));
    }

    // The last step is saved as well.
    private static int Saved(int steps, int every) => (steps + every - 1) / every;

    private static long CacheOf(RunFile file, ModelOutline outline, long pairs)
    {
        if (file.Data.Cache != DataCache.Latents || StorageUri.Parse(file.Data.CacheUri!).Scheme != StorageScheme.File) return 0;
        return pairs * MemoryPlanner.PreparedPair(outline, file.Data.Resolution!.Value, BytesOf(file.Training.Precision!.Value)) * (file.Data.Flip == FlipMode.None ? 1 : 2);
    }

    private static long WrittenTo(string cache) => StorageUri.Parse(cache) is { Scheme: StorageScheme.File } place && Directory.Exists(place.LocalPath)
        ? new DirectoryInfo(place.LocalPath).EnumerateFiles("*", SearchOption.AllDirectories).Sum(each => each.Length)
        : 0;

    private static int BytesOf(Precision precision) => precision == Precision.Float32 ? BytesPerNumber : BytesPerNumber / 2;

    private static long? Free(string directory)
    {
        try
        {
            return new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
