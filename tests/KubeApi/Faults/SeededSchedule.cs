using KubeApi.Http;

namespace KubeApi.Faults;

/// <summary>Random faults that a seed repeats: the n-th request gets the n-th draw.</summary>
public sealed class SeededSchedule(int seed) : IFaultSchedule
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    /// <summary>The share of requests that suffer a fault.</summary>
    public double RequestRate { get; init; } = 0.05;

    /// <summary>The share of watches that suffer a fault sooner or later.</summary>
    public double WatchRate { get; init; } = 0.5;

    public IReadOnlyList<FaultKind> RequestKinds { get; init; } =
        [FaultKind.CutBefore, FaultKind.CutAfter, FaultKind.Delay, FaultKind.Refuse, FaultKind.Compact];

    public IReadOnlyList<FaultKind> WatchKinds { get; init; } =
        [FaultKind.WatchCut, FaultKind.WatchEnd, FaultKind.WatchSilence, FaultKind.WatchDuplicate, FaultKind.WatchDelay, FaultKind.WatchExpired];

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A watch's fault comes after at most so many events.</summary>
    public int MostEvents { get; init; } = 20;

    public Fault? Next(ApiRequest request, bool isWatch)
    {
        lock (_gate)
        {
            if (_random.NextDouble() >= (isWatch ? WatchRate : RequestRate))
                return null;
            var kinds = isWatch ? WatchKinds : RequestKinds;
            var isBusy = _random.Next(2) == 0;
            return new Fault(kinds[_random.Next(kinds.Count)])
            {
                Delay = LongestDelay * _random.NextDouble(),
                AfterEvents = _random.Next(MostEvents + 1),
                Status = isBusy ? 429 : 500,
                RetryAfter = isBusy ? 1 : null,
            };
        }
    }
}
