namespace DiffusionDpo.KubeOps.Caching;

/// <summary>How a reflector lists and watches.</summary>
internal sealed record ReflectorOptions
{
    /// <summary>Objects per page of a list. A page is in memory as a whole, as text and taken apart: 100 pods are a megabyte of text.</summary>
    public int PageSize { get; init; } = 100;

    /// <summary>The server ends a watch after this long; the next one goes on where it ended.</summary>
    public TimeSpan WatchDuration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// A watch without a byte for this long is dead: the server sends a bookmark each minute or so. A connection that was cut silently is
    /// found by nothing else.
    /// </summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a page of a list may take.</summary>
    public TimeSpan ListTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The wait after a failure; doubled each time, with jitter.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait after failures.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest wait that a server may ask for.</summary>
    public TimeSpan LongestAskedWait { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A reflector that has not moved for this long hangs, and only a new process helps. Longer than every wait above.</summary>
    public TimeSpan StuckLimit { get; init; } = TimeSpan.FromMinutes(5);
}
