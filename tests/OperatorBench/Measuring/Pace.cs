using System.Diagnostics;

namespace OperatorBench.Measuring;

/// <summary>Starts work at a steady rate, whether what was started is done or not: a slow answer must not slow down the questions.</summary>
internal static class Pace
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);

    public static async Task RunAsync(int count, double perSecond, Func<int, Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        List<Task> started = [];
        while (started.Count < count)
        {
            var due = Math.Min(count, (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond) + 1);
            while (started.Count < due) started.Add(work(started.Count));
            await Task.Delay(s_tick);
        }

        await Task.WhenAll(started);
    }
}
