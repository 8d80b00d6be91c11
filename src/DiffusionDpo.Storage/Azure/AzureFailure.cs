using Azure;
using Azure.Identity;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Storage.Remote;

namespace DiffusionDpo.Storage.Azure;

/// <summary>What Azure Blob says, in the words of a run.</summary>
internal static class AzureFailure
{
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(14); // Azure allows 15
    private static readonly string[] PassingCodes = ["Md5Mismatch", "Crc64Mismatch", "OperationTimedOut", "InternalError", "ServerBusy", "IncompleteBody"];

    /// <summary>A failure; null where it is not one of Azure's.</summary>
    public static RemoteFailure? Of(Exception exception, StorageUri uri, string endpoint) => exception switch
    {
        RequestFailedException { Status: > 0 } answer => OfAnswer(answer, uri, endpoint),
        InvalidDataException => RemoteFailure.Passing($"{endpoint} sends other bytes than its hash says", "check network and service", exception),
        AggregateException { InnerExceptions: [var only] } => Of(only, uri, endpoint),
        AuthenticationFailedException => new RemoteFailure(
            ExitClass.AuthError,
            "cannot be reached: no identity for Azure could be had from the environment, the workload, the machine or developer tools; set AZURE_STORAGE_KEY, or give the pod an identity (docs/storage.md)",
            exception),
        _ => null,
    };

    private static RemoteFailure OfAnswer(RequestFailedException answer, StorageUri uri, string endpoint)
    {
        var code = answer.ErrorCode ?? "";
        return (code, answer.Status) switch
        {
            ("ContainerNotFound" or "ContainerBeingDeleted" or "ContainerDisabled", _) => Final(
                ExitClass.InputMissing, $"cannot be reached: there is no container {uri.Place} at {endpoint}; create it, or correct the URI or storage.azure.endpoint"),
            ("InvalidBlockList" or "InvalidBlobOrBlock", _) => Final(ExitClass.StorageError, "cannot be written: another writer wrote it at the same time; start again"),
            ("AuthenticationFailed", _) when IsSkewed(answer) => Final(ExitClass.StorageError, "is refused: the clock of this machine differs from the service's by more than it allows; set the clock (NTP)"),
            ("AuthenticationFailed" or "InvalidAuthenticationInfo", _) => Final(
                ExitClass.AuthError, $"is refused: key, signature or token is wrong or has expired at {endpoint}; correct AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or the identity"),
            ("AuthorizationFailure", _) => Final(ExitClass.AuthError, $"is refused: access denied at {endpoint}, by a network rule or for want of a right; allow this network, and the role Storage Blob Data Contributor"),
            ("KeyBasedAuthenticationNotPermitted", _) => Final(ExitClass.AuthError, "is refused: the account allows no keys; use an identity and unset AZURE_STORAGE_KEY"),
            (_, 401 or 403) => Final(ExitClass.AuthError, $"is refused: access denied at {endpoint} ({code}); give this identity the role Storage Blob Data Contributor, or the signature the rights to read, write, delete and list"),
            ("BlobNotFound" or "ResourceNotFound", _) => Final(ExitClass.InputMissing, "does not exist; check the URI"),
            ("InvalidRange", _) or (_, 416) => Final(ExitClass.DataError, "ends before what was expected; it was truncated or is being replaced"),
            ("LeaseIdMissing", _) => Final(ExitClass.StorageError, "cannot be written: someone holds a lease on it; break the lease, or choose another name"),
            ("BlobArchived", _) => Final(ExitClass.InputMissing, "cannot be read: it is in the archive tier; rehydrate it"),
            ("BlobImmutableDueToPolicy", _) => Final(ExitClass.StorageError, "cannot be written: a policy makes it immutable; choose another place"),
            (_, 408 or 429 or >= 500) => Passing($"{answer.Status} {code}"),
            _ when PassingCodes.Contains(code) => Passing(code),
            (_, 404) => Final(ExitClass.InputMissing, $"cannot be reached: {endpoint} has no such resource; check the URI and storage.azure.endpoint"),
            _ => Final(ExitClass.ConfigurationError, $"cannot be used: {endpoint} answers {answer.Status} {code}, which Azure Blob would not; correct storage.azure.endpoint"),
        };

        RemoteFailure Final(ExitClass exitClass, string reason) => new(exitClass, reason, answer) { WasAnswered = true };
        RemoteFailure Passing(string reason) => new(ExitClass.StorageError, $"cannot be reached: {endpoint} answers {reason}, and more tries did not help; check the service and storage.azure.endpoint", answer)
        {
            IsTransient = true,
            WasAnswered = true,
            RetryAfter = answer.GetRawResponse()?.Headers is { } headers && headers.TryGetValue("Retry-After", out var seconds) && int.TryParse(seconds, out var number)
                ? TimeSpan.FromSeconds(number)
                : null,
        };
    }

    private static bool IsSkewed(RequestFailedException answer) =>
        answer.GetRawResponse()?.Headers.Date is { } theirs && (TimeProvider.System.GetUtcNow() - theirs).Duration() > MostSkew;
}
