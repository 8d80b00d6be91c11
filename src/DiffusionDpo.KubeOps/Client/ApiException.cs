using System.Net;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>The API server refused a request, or could not be reached.</summary>
/// <param name="status">The HTTP status; null where there was no answer.</param>
/// <param name="reason">The machine-readable reason of the Status document, such as Forbidden or AlreadyExists.</param>
/// <param name="message">What the API server said.</param>
/// <param name="innerException">The cause where there was no answer.</param>
public sealed class ApiException(HttpStatusCode? status, string reason, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The HTTP status; null where there was no answer.</summary>
    public HttpStatusCode? Status { get; } = status;

    /// <summary>The machine-readable reason of the Status document.</summary>
    public string Reason { get; } = reason;

    /// <summary>When the server asked to be tried again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The object exists already, or has changed since it was read.</summary>
    public bool IsConflict => Status == HttpStatusCode.Conflict;

    /// <summary>The same request may succeed later: no answer, too many requests, or a failure of the server.</summary>
    public bool IsTransient => Status is null || (int)Status is 408 or 429 or >= 500;
}
