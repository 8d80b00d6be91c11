using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Feedback;

/// <summary>The scorer that options describe, with its files on this machine.</summary>
public static class FeedbackScorer
{
    /// <summary>Which scorer, and where its files are; null where labels are people's.</summary>
    /// <param name="data">The options.</param>
    /// <exception cref="RunException">Configuration error: a place that is not on this machine.</exception>
    public static ScorerSource? Of(DataOptions data) => data is { Labels: LabelSource.AiFeedback, Feedback: var options }
        ? new(options.Scorer, Local(options.Model, "data.feedback.model"))
        {
            Head = options.Head.Length > 0 ? Local(options.Head, "data.feedback.head") : null, Antialias = options.Antialias,
        }
        : null;

    private static string Local(string place, string option) => StorageUri.Parse(place) is { Scheme: StorageScheme.File } uri
        ? uri.LocalPath
        : throw new RunException(ExitClass.ConfigurationError, $"{option}: {place} is not on this machine; fetch it, and give its path");
}
