using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Cli.Places;

/// <summary>A run's base model on this machine.</summary>
internal static class BaseModel
{
    private static readonly ModelPart s_whole = new("model", "base model", ModelDirectory.IsPartOfModel);

    /// <summary>Its directory: where it is, or where it was fetched to.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="display">Told that it is fetched; null: nobody.</param>
    /// <param name="stop">The user's request to stop.</param>
    /// <exception cref="RunException">It cannot be read or kept. Preempted: stopped.</exception>
    public static string PathOf(RunFile file, IRunDisplay? display, CancellationToken stop) =>
        FetchedModels.PathOf(file, StorageUri.Parse(file.Model.Source), s_whole, display, stop);
}
