using DiffusionDpo.KubeOps.Caching;

namespace DiffusionDpo.KubeOps.Tests.Caching;

public sealed class ReflectorLivenessTests
{
    [Fact]
    public async Task A_view_that_hangs_is_known_to_hang()
    {
        using ManualResetEventSlim mayGoOn = new();
        await using ReflectorHarness harness = new(view: map =>
        {
            if (map.Metadata.Name == "hangs") mayGoOn.Wait();
            return new MapView(map.Metadata.Name, map.Data["value"]);
        });
        harness.Start();
        await harness.WriteAsync("a", "1");
        await harness.UntilAsync(() => harness.Known.ContainsKey("a"));
        await harness.WriteAsync("hangs", "1");
        await harness.UntilAsync(() => !harness.IsMoving);
        Assert.False(harness.Known.ContainsKey("hangs"));
        mayGoOn.Set();
        await harness.UntilAsync(() => harness.IsMoving && harness.Known.ContainsKey("hangs"), secondsPerStep: 0.001);
    }

    [Fact]
    public async Task A_server_that_is_away_or_silent_for_hours_is_no_hang_of_ours()
    {
        await using ReflectorHarness harness = new(new ReflectorOptions());
        harness.Start();
        await harness.WriteAsync("a", "1");
        await harness.UntilAsync(() => harness.Known.ContainsKey("a"), secondsPerStep: 0.01);
        foreach (var trouble in (FaultKind[])[FaultKind.Unreachable, FaultKind.Silence])
        {
            harness.Transport.Plan = _ => (trouble, 0);
            harness.Transport.CutNow();
            for (var minute = 0; minute < 120; minute++)
            {
                harness.Clock.Advance(TimeSpan.FromMinutes(1));
                // Not at each moment: this clock may run ahead of the reflector's thread.
                await harness.UntilAsync(() => harness.IsMoving, secondsPerStep: 0.001);
            }
        }
    }
}
