using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Operator.Retries;

/// <summary>The wait before a restart: doubled each time, with a jitter that spreads runs that failed together.</summary>
internal static class Backoff
{
    private const double Jitter = 0.2;

    /// <summary>The wait.</summary>
    /// <param name="options">Its bounds.</param>
    /// <param name="failures">Failures in a row, from 1.</param>
    /// <param name="seed">Decides the jitter.</param>
    public static TimeSpan Wait(BackoffOptions options, int failures, int seed)
    {
        var doubled = options.InitialSeconds * Math.Pow(2, Math.Min(failures, 30) - 1);
        var share = (uint)HashCode(seed) / (double)uint.MaxValue;
        return TimeSpan.FromSeconds(Math.Min(doubled, options.MaxSeconds) * (1 - (Jitter * share)));
    }

    /// <summary>Mixes the bits of a seed (the finaliser of MurmurHash3), the same in every process.</summary>
    private static int HashCode(int seed)
    {
        var h = (uint)seed;
        h = (h ^ (h >> 16)) * 0x85ebca6b;
        h = (h ^ (h >> 13)) * 0xc2b2ae35;
        return (int)(h ^ (h >> 16));
    }
}
