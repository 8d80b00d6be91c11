using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Transfers;

namespace DiffusionDpo.Cli.Places;

/// <summary>A run's base model on this machine: where it is, or where it was fetched to. Fetched models stay for the next run.</summary>
internal sealed class BaseModel : IDisposable
{
    private readonly FetchedDirectory? _fetched;

    private BaseModel(string path, FetchedDirectory? fetched) => (Path, _fetched) = (path, fetched);

    /// <summary>Its directory.</summary>
    public string Path { get; }

    /// <summary>Finds a run's base model, or fetches it.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="display">Told that it is fetched; null: nobody.</param>
    /// <param name="stop">The user's request to stop.</param>
    /// <exception cref="RunException">It cannot be read or kept. Preempted: stopped.</exception>
    public static BaseModel Of(RunFile file, IRunDisplay? display, CancellationToken stop)
    {
        StorageUri source = StorageUri.Parse(file.Model.Source);
        if (source.Scheme == StorageScheme.File) return new(source.LocalPath, null);
        DirectoryCache cache = new(CachePlaces.Models, CachePlaces.ModelBytes, TimeProvider.System);
        try
        {
            display?.Show(Told($"the base model is {source}; looking for it in {CachePlaces.Models}", source));
            FetchedDirectory fetched = cache.FetchAsync(Stores.Of(file.Storage).For(source), source, ModelDirectory.IsPartOfModel, stop).GetAwaiter().GetResult();
            display?.Show(Told(fetched.FetchedBytes > 0 ? $"base model fetched: {fetched.FetchedBytes >> 20} MiB in {fetched.Path}" : $"base model is here already, unchanged: {fetched.Path}", source, fetched));
            return new(fetched.Path, fetched);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new RunException(ExitClass.PreemptedSaved, "stopped while the base model was fetched; start the same run again to go on");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _fetched?.Dispose();

    private static Notice Told(string text, StorageUri source, FetchedDirectory? fetched = null) => new("model", text, new Dictionary<string, object?>
    {
        ["source"] = source.ToString(),
        ["path"] = fetched?.Path,
        ["fetchedBytes"] = fetched?.FetchedBytes,
    });
}
