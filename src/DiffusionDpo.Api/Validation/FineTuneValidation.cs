using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Api.Validation;

/// <summary>Checks values: every bound, and every rule between fields. What the API server's schema checks, without a server.</summary>
public static class FineTuneValidation
{
    /// <summary>Everything that is wrong, bounds first.</summary>
    /// <param name="fineTune">A fine-tune, possibly with required members missing.</param>
    public static IReadOnlyList<ValidationError> Validate(DpoFineTune fineTune) => Validate(fineTune, []);

    /// <summary>The same where some values could not be read: rules that look at them say nothing.</summary>
    internal static IReadOnlyList<ValidationError> Validate(DpoFineTune fineTune, IReadOnlyCollection<string> unread)
    {
        List<ValidationError> errors = [];
        if (!FineTuneName.IsValid(fineTune.Metadata.Name ?? "")) errors.Add(Error("metadata.name", FineTuneName.Message));
        errors.AddRange(BoundsCheck.Check(fineTune.Spec, "spec"));
        // Rules may take for granted what the types promise.
        if (BoundsCheck.Misses(fineTune.Spec)) return errors;
        var broken = FineTuneRules.All.Where(rule => !unread.Any(rule.Reads) && !rule.Holds(fineTune.Spec));
        errors.AddRange(broken.Select(rule => Error($"spec.{rule.Path}", rule.Message)));
        return errors;
    }

    private static ValidationError Error(string path, string message) => new(path, 0, 0, message);
}
