using System.Net;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Storage.Remote;

namespace DiffusionDpo.Storage.S3;

/// <summary>What S3 says, in the words of a run.</summary>
internal static class S3Failure
{
    private const string RegionHeader = "x-amz-bucket-region";

    /// <summary>Codes of failures that pass although their status says otherwise: time-outs, bodies that arrived broken, writers in each other's way.</summary>
    private static readonly string[] PassingCodes =
    [
        "RequestTimeout", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequests", "RequestLimitExceeded", "BandwidthLimitExceeded", "InternalError", "ServiceUnavailable",
        "BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "OperationAborted", "ConditionalRequestConflict", "ConcurrentModification",
    ];

    /// <summary>A failure; null where it is not one of S3's.</summary>
    public static RemoteFailure? Of(Exception exception, StorageUri uri, S3Clients clients) => exception switch
    {
        AmazonServiceException { StatusCode: not 0 } answer => OfAnswer(answer, uri, clients),
        AmazonClientException { InnerException: { } cause } when Attempt.CausesOf(cause).OfType<AmazonServiceException>().FirstOrDefault(answer => answer.StatusCode != 0) is { } answer => OfRole(answer),
        AmazonClientException or InvalidOperationException when IsAboutCredentials(exception) => new RemoteFailure(
            ExitClass.AuthError,
            "cannot be reached: there are no credentials for S3 in the environment, a profile, a web identity or of the instance; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the pod a role (docs/storage.md)",
            exception),
        _ => null,
    };

    /// <summary>Whether the service says that a condition does not hold.</summary>
    public static bool IsPrecondition(AmazonS3Exception exception) => exception.StatusCode == HttpStatusCode.PreconditionFailed;

    /// <summary>The service that hands out the credentials of a role has answered, and S3 was not asked.</summary>
    private static RemoteFailure OfRole(AmazonServiceException answer) => (int)answer.StatusCode is 429 or >= 500 || PassingCodes.Contains(answer.ErrorCode)
        ? RemoteFailure.Passing($"the service that gives out the credentials of AWS_ROLE_ARN answers {(int)answer.StatusCode} {OneLine(answer)}", "check it", answer)
        : new RemoteFailure(
            ExitClass.AuthError,
            $"cannot be reached: the credentials of the role in AWS_ROLE_ARN are refused: {OneLine(answer)}; correct the role's trust policy, or the annotation of the pod's service account (docs/storage.md)",
            answer);

    private static RemoteFailure OfAnswer(AmazonServiceException answer, StorageUri uri, S3Clients clients)
    {
        var code = answer.ErrorCode ?? "";
        var at = clients.Endpoint;
        if (RegionOf(answer) is { } region && code is not "AccessDenied" && clients.Learn(uri.Place, region))
            return new RemoteFailure(ExitClass.ConfigurationError, $"is in the region {region}", answer) { IsTransient = true, WasAnswered = true, RetryAfter = TimeSpan.Zero };
        return (code, (int)answer.StatusCode) switch
        {
            ("NoSuchBucket", _) => Final(ExitClass.InputMissing, $"cannot be reached: there is no bucket {uri.Place} at {at}; create it, or correct the URI or storage.s3.endpoint"),
            ("NoSuchUpload", _) => Final(ExitClass.StorageError, "cannot be written: its unfinished upload was removed by someone else; start again, and let no lifecycle rule remove uploads of the same day"),
            ("InvalidAccessKeyId" or "InvalidToken" or "TokenRefreshRequired" or "UnrecognizedClientException", _) =>
                Final(ExitClass.AuthError, $"is refused: the access key is not known at {at} ({code}); correct AWS_ACCESS_KEY_ID (and AWS_SESSION_TOKEN), or the endpoint"),
            ("SignatureDoesNotMatch", _) when clients.HasAccepted => Passing(code),
            ("SignatureDoesNotMatch", _) => Final(ExitClass.AuthError, $"is refused: the secret key does not fit the access key at {at}; correct AWS_SECRET_ACCESS_KEY"),
            ("ExpiredToken", _) => Final(ExitClass.AuthError, "is refused: the credentials have expired; renew them"),
            ("RequestTimeTooSkewed", _) => Final(ExitClass.StorageError, "is refused: the clock of this machine differs from the service's by more than it allows; set the clock (NTP)"),
            ("AccessDenied" or "AccountProblem" or "AllAccessDisabled", _) or (_, 401 or 403) => Final(
                ExitClass.AuthError,
                $"is refused: access denied at {at}; allow these credentials s3:GetObject, s3:PutObject, s3:AbortMultipartUpload, s3:DeleteObject and s3:ListBucket there (without the last, what does not exist is denied too)"),
            ("NoSuchKey" or "NotFound", _) => Final(ExitClass.InputMissing, "does not exist; check the URI"),
            ("InvalidRange", _) or (_, 416) => Final(ExitClass.DataError, "ends before what was expected; it was truncated or is being replaced"),
            ("EntityTooLarge", _) => Final(ExitClass.StorageError, "cannot be written: it is larger than the service takes in one request"),
            ("QuotaExceeded", _) => Final(ExitClass.StorageError, "cannot be written: the quota is used up; free space there, or choose another place"),
            ("PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException", _) or (_, 301 or 307) =>
                Final(ExitClass.ConfigurationError, $"is in another region ({RegionOf(answer) ?? "unknown"}); set storage.s3.region"),
            (_, 501) => Final(ExitClass.ConfigurationError, $"cannot be used: {at} does not know the request ({OneLine(answer)}); set storage.s3.checksums to required, or use another service"),
            _ when answer is AmazonUnmarshallingException => Passing("its answer is cut off, or is not S3's"),
            (_, 429 or >= 500) => Passing($"{(int)answer.StatusCode} {code}"),
            _ when PassingCodes.Contains(code) => Passing(code),
            _ => Final(ExitClass.ConfigurationError, $"cannot be used: {at} answers {(int)answer.StatusCode} {OneLine(answer)}, which S3 would not; correct storage.s3.endpoint"),
        };

        RemoteFailure Final(ExitClass exitClass, string reason) => new(exitClass, reason, answer) { WasAnswered = true };
        RemoteFailure Passing(string reason) => new(ExitClass.StorageError, $"cannot be reached: {at} answers {reason}, and more tries did not help; check the service and storage.s3.endpoint", answer)
        {
            IsTransient = true,
            WasAnswered = answer is not AmazonUnmarshallingException,
            RetryAfter = HeaderOf(answer, "Retry-After") is { } seconds && int.TryParse(seconds, out var number) ? TimeSpan.FromSeconds(number) : null,
        };
    }

    private static bool IsAboutCredentials(Exception exception) => exception.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase);

    private static string? RegionOf(AmazonServiceException answer) => HeaderOf(answer, RegionHeader);

    private static string? HeaderOf(AmazonServiceException answer, string name) =>
        answer.InnerException is HttpErrorResponseException { Response: { } response } && response.IsHeaderPresent(name) ? response.GetHeaderValue(name) : null;

    private static string OneLine(AmazonServiceException answer) => $"{answer.ErrorCode} {answer.Message}".ReplaceLineEndings(" ").Trim(' ', '.');
}
