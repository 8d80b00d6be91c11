namespace KubeApi;

/// <summary>How a server behaves.</summary>
public sealed record ApiServerOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The bearer token of the cluster's administrator. Null: whoever sends no credentials is the administrator.</summary>
    public string? AdminToken { get; init; }

    /// <summary>How many changes stay readable before the oldest are compacted.</summary>
    public int HistoryLimit { get; init; } = 100_000;

    /// <summary>Seeds uids and generated names, so that a run can be repeated.</summary>
    public int Seed { get; init; } = 1;
}
