namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>Waits for what other threads and processes do.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns once something holds.</summary>
    /// <exception cref="TimeoutException">It does not, in the time that any machine needs for it.</exception>
    public static async Task HoldsAsync(Func<Task<bool>> holds, Func<string> otherwise)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(start) > s_patience) throw new TimeoutException(otherwise());
            await Task.Delay(s_pause, TestContext.Current.CancellationToken);
        }
    }
}
