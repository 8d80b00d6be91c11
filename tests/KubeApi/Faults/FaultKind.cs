namespace KubeApi.Faults;

/// <summary>What can go wrong between a client and a server.</summary>
public enum FaultKind
{
    /// <summary>The connection is cut before the server sees the request.</summary>
    CutBefore,

    /// <summary>The server does what is asked, and the connection is cut before the answer arrives.</summary>
    CutAfter,

    /// <summary>The answer comes late.</summary>
    Delay,

    /// <summary>The answer never comes; only the client's patience ends this.</summary>
    Hang,

    /// <summary>429 with Retry-After, or 500, or another refusal.</summary>
    Refuse,

    /// <summary>The history is compacted up to now before the request is handled: old versions and continue tokens are gone.</summary>
    Compact,

    /// <summary>A watch is cut without an end of the stream.</summary>
    WatchCut,

    /// <summary>A watch ends properly, early.</summary>
    WatchEnd,

    /// <summary>A watch stays open and nothing comes any more: a half-open connection.</summary>
    WatchSilence,

    /// <summary>An event of a watch comes twice.</summary>
    WatchDuplicate,

    /// <summary>An event of a watch, and all after it, comes late.</summary>
    WatchDelay,

    /// <summary>A watch ends with an ERROR event of code 410.</summary>
    WatchExpired,
}
