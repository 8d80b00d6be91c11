using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Storage.Remote;

/// <summary>What one request to a remote store ended with, before it is known whether another try helps.</summary>
internal sealed class RemoteFailure(ExitClass exitClass, string reason, Exception? cause = null) : Exception(reason, cause)
{
    /// <summary>How a run ends because of it.</summary>
    public ExitClass ExitClass { get; } = exitClass;

    /// <summary>Whether another try may succeed.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether somebody is at the address: a service that said it, or a connection that stood and broke.</summary>
    public bool WasAnswered { get; init; }

    /// <summary>How long the service asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The failure of a run, in one line.</summary>
    public RunException Of(StorageUri uri) => new(ExitClass, $"{uri} {Message.ReplaceLineEndings(" ")}", InnerException);

    /// <summary>Passing trouble, with what to do when it does not pass.</summary>
    public static RemoteFailure Passing(string reason, string remedy, Exception? cause = null) =>
        new(ExitClass.StorageError, $"cannot be reached: {reason}, and more tries did not help; {remedy}", cause) { IsTransient = true };
}
