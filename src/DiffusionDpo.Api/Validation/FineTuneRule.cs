using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Api.Validation;

/// <summary>
/// A rule between fields, in both languages: CEL for the API server and C# for everyone who has no server. Both must agree; the CRD takes
/// expression, path and message from the same constants.
/// </summary>
/// <param name="Path">The field that is named as wrong, relative to the specification.</param>
/// <param name="Cel">The expression on the specification; true means valid.</param>
/// <param name="Message">What is wrong and what to do about it.</param>
/// <param name="Holds">The same as <paramref name="Cel"/>.</param>
internal sealed record FineTuneRule(string Path, string Cel, string Message, Func<DpoFineTuneSpec, bool> Holds)
{
    /// <summary>Whether the rule looks at a field, given by its path from the document's root.</summary>
    public bool Reads(string path) =>
        path.StartsWith("spec.", StringComparison.Ordinal) && Cel.Contains($"self.{path[5..].Split('[')[0]}", StringComparison.Ordinal);
}
