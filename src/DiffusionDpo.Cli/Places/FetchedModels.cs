using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Transfers;

namespace DiffusionDpo.Cli.Places;

/// <summary>
/// Models in object storage, as they lie in the cache of this machine. A process asks for each once, whatever the number of its stages, and holds it to its end; the cache keeps it for the next.
/// </summary>
internal static class FetchedModels
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<(StorageUri Directory, string Kind), FetchedDirectory> s_held = [];

    /// <summary>The directory of this machine that a model is in: its own, or the one it was fetched to.</summary>
    /// <param name="file">The run file, which says how storage is reached.</param>
    /// <param name="directory">The model.</param>
    /// <param name="part">What it is, and which files of it are wanted.</param>
    /// <param name="display">Told that it is fetched; null: nobody.</param>
    /// <param name="stop">The user's request to stop.</param>
    /// <exception cref="RunException">It cannot be read or kept. Preempted: stopped.</exception>
    public static string PathOf(RunFile file, StorageUri directory, ModelPart part, IRunDisplay? display, CancellationToken stop)
    {
        if (directory.Scheme == StorageScheme.File) return directory.LocalPath;
        lock (s_lock)
        {
            if (s_held.TryGetValue((directory, part.Kind), out FetchedDirectory? held)) return held.Path;
            display?.Show(Told(part, $"the {part.Name} is {directory}; looking for it in {CachePlaces.Models}", directory));
            FetchedDirectory fetched = Fetch(file, directory, part, stop);
            string what = fetched.FetchedBytes > 0 ? $"fetched: {fetched.FetchedBytes >> 20} MiB in {fetched.Path}" : $"is here already, unchanged: {fetched.Path}";
            display?.Show(Told(part, $"{part.Name} {what}", directory, fetched));
            s_held.Add((directory, part.Kind), fetched);
            return fetched.Path;
        }
    }

    private static FetchedDirectory Fetch(RunFile file, StorageUri directory, ModelPart part, CancellationToken stop)
    {
        try
        {
            DirectoryCache cache = new(CachePlaces.Models, CachePlaces.ModelBytes, TimeProvider.System);
            return cache.FetchAsync(Stores.Of(file.Storage).For(directory), directory, part.IsWanted, stop).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new RunException(ExitClass.PreemptedSaved, $"stopped while the {part.Name} was fetched; start the same run again to go on");
        }
    }

    private static Notice Told(ModelPart part, string text, StorageUri source, FetchedDirectory? fetched = null) => new(part.Event, text, new Dictionary<string, object?>
    {
        ["source"] = source.ToString(),
        ["path"] = fetched?.Path,
        ["fetchedBytes"] = fetched?.FetchedBytes,
    });
}

/// <summary>A model, or a part of one, that is fetched.</summary>
/// <param name="Event">The event that tells of it.</param>
/// <param name="Name">What it is in words.</param>
/// <param name="IsWanted">Which files, by their names below its directory.</param>
internal sealed record ModelPart(string Event, string Name, Func<string, bool> IsWanted)
{
    /// <summary>Tells parts of one directory apart.</summary>
    public string Kind { get; init; } = Event;
}
