namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>The wait doubles from the first to the longest.</summary>
internal static class BackoffGrows
{
    public const string Path = "retryPolicy.backoff.maxSeconds";
    public const string Cel = "self.retryPolicy.backoff.initialSeconds <= self.retryPolicy.backoff.maxSeconds";
    public const string Message = "is less than initialSeconds — make it at least as long";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.RetryPolicy.Backoff.InitialSeconds <= spec.RetryPolicy.Backoff.MaxSeconds);
}
