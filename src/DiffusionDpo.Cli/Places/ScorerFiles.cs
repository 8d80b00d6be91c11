using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Models.Clip;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Transfers;

namespace DiffusionDpo.Cli.Places;

/// <summary>The files of the scorer that makes a run's labels, on this machine: where they are, or where they were fetched to, beside base models.</summary>
internal sealed class ScorerFiles : IDisposable
{
    private readonly List<FetchedDirectory> _fetched = [];

    private readonly Stores _stores;

    private ScorerFiles(Stores stores) => _stores = stores;

    /// <summary>Which scorer, and where its files are; null where labels are people's.</summary>
    public ScorerSource? Source { get; private set; }

    /// <summary>Finds a run's scorer, or fetches it.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="display">Told that it is fetched; null: nobody.</param>
    /// <param name="stop">The user's request to stop.</param>
    /// <exception cref="RunException">It cannot be read or kept. Preempted: stopped.</exception>
    public static ScorerFiles Of(RunFile file, IRunDisplay? display, CancellationToken stop)
    {
        ScorerFiles files = new(Stores.Of(file.Storage));
        if (file.Data is not { Labels: LabelSource.AiFeedback, Feedback: var options }) return files;
        try
        {
            string model = files.Find(StorageUri.Parse(options.Model), display, stop);
            string? head = options.Head.Length > 0 ? files.FindHead(options.Head, display, stop) : null;
            files.Source = new(options.Scorer, model) { Head = head, Antialias = options.Antialias };
            return files;
        }
        catch (Exception failure)
        {
            files.Dispose();
            if (failure is OperationCanceledException && stop.IsCancellationRequested)
                throw new RunException(ExitClass.PreemptedSaved, "stopped while the scorer was fetched; start the same run again to go on");
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _fetched.ForEach(one => one.Dispose());

    private string Find(StorageUri model, IRunDisplay? display, CancellationToken stop) =>
        model.Scheme == StorageScheme.File ? model.LocalPath : Fetch(model, ClipDirectory.IsPartOfModel, display, stop);

    private string FindHead(string head, IRunDisplay? display, CancellationToken stop)
    {
        StorageUri uri = StorageUri.Parse(head);
        return uri.Scheme == StorageScheme.File
            ? uri.LocalPath
            : Path.Combine(Fetch(StorageUri.Parse(head[..head.LastIndexOf('/')]), name => name == uri.Name, display, stop), uri.Name);
    }

    private string Fetch(StorageUri directory, Func<string, bool> wants, IRunDisplay? display, CancellationToken stop)
    {
        DirectoryCache cache = new(CachePlaces.Models, CachePlaces.ModelBytes, TimeProvider.System);
        FetchedDirectory fetched = cache.FetchAsync(_stores.For(directory), directory, wants, stop).GetAwaiter().GetResult();
        _fetched.Add(fetched);
        string text = fetched.FetchedBytes > 0 ? $"scorer fetched: {fetched.FetchedBytes >> 20} MiB in {fetched.Path}" : $"scorer is here already, unchanged: {fetched.Path}";
        display?.Show(new Notice("scorer", text, new Dictionary<string, object?> { ["source"] = $"{directory}", ["path"] = fetched.Path, ["fetchedBytes"] = fetched.FetchedBytes }));
        return fetched.Path;
    }
}
