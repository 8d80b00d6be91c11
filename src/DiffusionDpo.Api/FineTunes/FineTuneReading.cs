using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Validation;

namespace DiffusionDpo.Api.FineTunes;

/// <summary>What came of reading a fine-tune: it, or everything that is wrong with it.</summary>
/// <param name="File">Name of the file for messages.</param>
/// <param name="FineTune">The fine-tune; null where there are errors.</param>
/// <param name="Errors">Everything that is wrong, in the order of the file.</param>
public sealed record FineTuneReading(string File, DpoFineTune? FineTune, IReadOnlyList<ValidationError> Errors)
{
    /// <summary>One line per error: file, place, field, what is wrong, remedy.</summary>
    public IEnumerable<string> Describe() => Errors.Select(e => e.Describe(File));

    /// <summary>The fine-tune.</summary>
    /// <exception cref="RunException">There are errors; the message has one line for each.</exception>
    public DpoFineTune OrThrow() => FineTune ?? throw new RunException(ExitClass.ConfigurationError, string.Join('\n', Describe()));
}
