using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.KubeApi.Tests.Replay;

/// <summary>The server a recording is replayed against. With a clock, waiting costs no real time.</summary>
internal sealed record ReplayTarget(HttpClient Client, string? Token, FakeTimeProvider? Clock, Func<long, Task>? Compact)
{
    /// <summary>Everything but the API server and its store that steps of the recordings need.</summary>
    public static IReadOnlySet<string> OtherComponents { get; } = new HashSet<string>
    {
        "controller-manager", "scheduler", "kwok", "garbage-collector", "namespace-controller", "serviceaccount-controller", "disruption-controller",
    };

    /// <summary>Components the server runs without; steps that need them are left out.</summary>
    public IReadOnlySet<string> Absent { get; init; } = new HashSet<string>();

    /// <summary>Waits for something the server does, letting its time run on while nothing comes.</summary>
    public async Task<bool> WaitAsync(Task task, TimeSpan atMost)
    {
        if (Clock is null)
            return await Task.WhenAny(task, Task.Delay(atMost)) == task;
        var step = TimeSpan.FromMilliseconds(100);
        for (var waited = TimeSpan.Zero; waited <= atMost; waited += step)
        {
            // The first look is for what needs no time at all; sockets need a moment.
            if (await Task.WhenAny(task, Task.Delay(waited == TimeSpan.Zero ? 30 : 2)) == task)
                return true;
            Clock.Advance(step);
        }

        return await Task.WhenAny(task, Task.Delay(50)) == task;
    }

    public async Task PauseAsync()
    {
        Clock?.Advance(TimeSpan.FromMilliseconds(250));
        await Task.Delay(Clock is null ? 250 : 1);
    }
}
