using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Display;

namespace DiffusionDpo.Cli.Stages;

/// <summary>What the log of a run says of a process that ended before the run did.</summary>
internal static class RunEnding
{
    /// <summary>The event of a stop that was asked for.</summary>
    public const string Stopped = "stopped";

    /// <summary>The event of a failure.</summary>
    public const string Failed = "error";

    /// <summary>Why it ended.</summary>
    /// <param name="failure">The exception that ends it.</param>
    public static Notice Of(Exception failure)
    {
        ExitClass exitClass = (failure as RunException)?.ExitClass ?? ExitClass.InternalError;
        return new(exitClass == ExitClass.PreemptedSaved ? Stopped : Failed, failure.Message, new Dictionary<string, object?>
        {
            ["class"] = $"{exitClass}", ["code"] = (int)exitClass, ["message"] = failure.Message,
        });
    }
}
