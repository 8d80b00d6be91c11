namespace DiffusionDpo.Api.Failures;

/// <summary>
/// The one typed failure of a run. Its message is one line for the user: what is wrong, where, and what to do about it.
/// Thrown where the problem is seen, translated into an exit code and termination message once, at the edge of the process.
/// </summary>
/// <param name="exitClass">How the process ends because of it.</param>
/// <param name="message">One line: what, where, remedy. Never a secret.</param>
/// <param name="innerException">The cause, for the log at debug level.</param>
public sealed class RunException(ExitClass exitClass, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>How the process ends because of this failure.</summary>
    public ExitClass ExitClass { get; } = exitClass;
}
