using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.FineTunes;

/// <summary>Relative paths in a fine-tune's file mean files beside it; URIs and absolute paths stay.</summary>
internal static class LocalPaths
{
    /// <summary>The fine-tune with absolute paths.</summary>
    public static DpoFineTune MakeAbsolute(DpoFineTune fineTune, string directory)
    {
        var spec = fineTune.Spec;
        fineTune.Spec = spec with
        {
            Model = spec.Model with { Source = Absolute(spec.Model.Source, directory) },
            Data = spec.Data with
            {
                Sources = Absolute(spec.Data.Sources, directory),
                HeldOut = Absolute(spec.Data.HeldOut, directory),
                Feedback = spec.Data.Feedback with { Model = Absolute(spec.Data.Feedback.Model, directory), Head = Absolute(spec.Data.Feedback.Head, directory) },
                CacheUri = spec.Data.CacheUri is { } cache ? Absolute(cache, directory) : null,
            },
            Output = spec.Output with { Uri = Absolute(spec.Output.Uri, directory) },
            Checkpoints = spec.Checkpoints with { Uri = spec.Checkpoints.Uri is { } uri ? Absolute(uri, directory) : null },
        };
        return fineTune;
    }

    private static IReadOnlyList<DataSource> Absolute(IReadOnlyList<DataSource> sources, string directory) =>
        [.. sources.Select(s => s with { Uri = Absolute(s.Uri, directory) })];

    // An empty path and one with a null character stay as they are: where that is wrong, validation says so.
    private static string Absolute(string path, string directory) =>
        path is "" || path.Contains("://", StringComparison.Ordinal) || path.Contains('\0') ? path : Path.GetFullPath(path, directory);
}
