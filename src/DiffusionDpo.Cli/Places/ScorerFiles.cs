using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Models.Clip;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Cli.Places;

/// <summary>The files of the scorer that makes a run's labels, on this machine: where they are, or where they were fetched to, beside base models.</summary>
internal static class ScorerFiles
{
    private const string Event = "scorer";

    private static readonly ModelPart s_model = new(Event, "scorer", ClipDirectory.IsPartOfModel);

    /// <summary>Which scorer, and where its files are; null where labels are people's.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="display">Told that it is fetched; null: nobody.</param>
    /// <param name="stop">The user's request to stop.</param>
    /// <exception cref="RunException">It cannot be read or kept. Preempted: stopped.</exception>
    public static ScorerSource? Of(RunFile file, IRunDisplay? display, CancellationToken stop)
    {
        if (file.Data is not { Labels: LabelSource.AiFeedback, Feedback: var options }) return null;
        string model = FetchedModels.PathOf(file, StorageUri.Parse(options.Model), s_model, display, stop);
        return new(options.Scorer, model) { Head = options.Head.Length > 0 ? HeadOf(file, options.Head, display, stop) : null, Antialias = options.Antialias };
    }

    // A single file: of the directory that it is in, only that is fetched.
    private static string HeadOf(RunFile file, string head, IRunDisplay? display, CancellationToken stop)
    {
        StorageUri uri = StorageUri.Parse(head);
        if (uri.Scheme == StorageScheme.File) return uri.LocalPath;
        ModelPart part = new(Event, "scorer's head", name => name == uri.Name) { Kind = uri.Name };
        return Path.Combine(FetchedModels.PathOf(file, StorageUri.Parse(head[..head.LastIndexOf('/')]), part, display, stop), uri.Name);
    }
}
