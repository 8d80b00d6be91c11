using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Validation;

namespace DiffusionDpo.Operator.Reconciling;

/// <summary>The rules of every fine-tune, and those that only a cluster has: pods have no directory that relative paths could be relative to.</summary>
internal static class ClusterValidation
{
    /// <summary>Everything that is wrong.</summary>
    public static IReadOnlyList<ValidationError> Validate(DpoFineTune fineTune)
    {
        var errors = FineTuneValidation.Validate(fineTune);
        return errors.Count > 0 ? errors : [.. Places(fineTune.Spec).Where(place => IsRelative(place.Value)).Select(Refuse)];
    }

    private static IEnumerable<(string Path, string Value)> Places(DpoFineTuneSpec spec)
    {
        yield return ("spec.model.source", spec.Model.Source);
        yield return ("spec.output.uri", spec.Output.Uri);
        if (spec.Checkpoints.Uri is { } checkpoints) yield return ("spec.checkpoints.uri", checkpoints);
        foreach (var (source, i) in spec.Data.Sources.Select((s, i) => (s, i))) yield return ($"spec.data.sources[{i}].uri", source.Uri);
        foreach (var (source, i) in spec.Data.HeldOut.Select((s, i) => (s, i))) yield return ($"spec.data.heldOut[{i}].uri", source.Uri);
        if (spec.Data.CacheUri is { } cache) yield return ("spec.data.cacheUri", cache);
        if (spec.Data.Feedback.Model is { Length: > 0 } scorer) yield return ("spec.data.feedback.model", scorer);
        if (spec.Data.Feedback.Head is { Length: > 0 } head) yield return ("spec.data.feedback.head", head);
    }

    private static bool IsRelative(string place) => !place.StartsWith('/') && !place.Contains("://", StringComparison.Ordinal);

    private static ValidationError Refuse((string Path, string Value) place) => new(
        place.Path, 0, 0, $"'{place.Value}' is a relative path, and pods have no directory for it — give s3://, az:// or a path in spec.workers.volumes");
}
