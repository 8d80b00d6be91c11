namespace DiffusionDpo.KubeOps.Timestamps;

/// <summary>
/// Times for Kubernetes' MicroTime fields (Leases, Events). The API server takes exactly six fraction digits; the client's serializer
/// truncates to six, but writes none where a time falls on a whole second. So times on their way there, also those that were read
/// before, go through here.
/// </summary>
internal static class MicroTime
{
    /// <summary>Now, as a MicroTime field takes it.</summary>
    public static DateTime Now(TimeProvider time) => Of(time.GetUtcNow().UtcDateTime);

    /// <summary>The same time in microseconds, so that the serializer writes all six digits of it.</summary>
    public static DateTime Of(DateTime time)
    {
        var utc = time.ToUniversalTime();
        var micros = utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
        // One tick is less than a digit: it makes the serializer write .000000 and is gone when the time is read again.
        return micros.Ticks % TimeSpan.TicksPerSecond == 0 ? micros.AddTicks(1) : micros;
    }
}
