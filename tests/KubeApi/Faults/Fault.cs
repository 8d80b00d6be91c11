namespace KubeApi.Faults;

/// <summary>One fault, for one request or watch.</summary>
public sealed record Fault(FaultKind Kind)
{
    /// <summary>How late, for the kinds that delay.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many events of a watch come before its fault.</summary>
    public int AfterEvents { get; init; }

    /// <summary>The status code of a refusal.</summary>
    public int Status { get; init; } = 500;

    /// <summary>The Retry-After of a refusal, in seconds; null = none.</summary>
    public int? RetryAfter { get; init; }

    public bool IsOfWatch => Kind >= FaultKind.WatchCut;

    public static Fault TooManyRequests(int retryAfter = 1) => new(FaultKind.Refuse) { Status = 429, RetryAfter = retryAfter };

    public static Fault InternalError() => new(FaultKind.Refuse);
}
