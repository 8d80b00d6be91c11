using DiffusionDpo.KubeOps.Caching;

namespace DiffusionDpo.KubeOps.Tests.Caching;

public sealed class ReflectorFaultTests
{
    private const int Names = 6;

    /// <summary>Four seeds: 10,000 faults where DDPO_LONG=1 asks for them (`make test-faults`), else 400.</summary>
    private static readonly int s_mostFaults = Environment.GetEnvironmentVariable("DDPO_LONG") == "1" ? 2500 : 100;

    private static readonly FaultKind[] s_faults = Enum.GetValues<FaultKind>();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Of_all_these_faults_none_leaves_a_missed_object_or_a_ghost(int seed)
    {
        Random random = new(seed), faultRandom = new(-seed);
        await using ReflectorHarness harness = new();
        harness.Start();
        for (var write = 0; harness.Transport.Faults < s_mostFaults; write++)
        {
            harness.Transport.Plan ??= request => Choose(faultRandom, IsWatch(request));
            var name = $"m{random.Next(Names)}";
            var exists = harness.Server.Store.Get("configmaps", new("default", name)) is not null;
            await harness.WriteAsync(name, exists && random.Next(3) == 0 ? null : $"{write}");
            var (faults, patience) = (harness.Transport.Faults, random.Next(1, 40));
            for (var step = 0; step < patience && harness.Transport.Faults < faults + 5; step++)
            {
                harness.Clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }

            // A stream with which nothing goes wrong any more would carry all that is left.
            if (harness.Transport.Faults == faults) harness.Transport.CutNow();
            if (write % 100 == 99) await AgreeAsync(harness);
        }

        await AgreeAsync(harness);
        TestContext.Current.TestOutputHelper?.WriteLine($"{harness.Transport.Faults} faults, {harness.Transport.Lists} lists, {harness.Transport.Watches} watches");
    }

    [Fact]
    public async Task A_watch_that_is_cut_at_any_byte_loses_nothing()
    {
        var length = 900;
        for (var at = 0; at < length; at += 3)
        {
            await using ReflectorHarness harness = new();
            var kind = at % 2 == 0 ? FaultKind.Reset : FaultKind.CleanEnd;
            var first = true;
            harness.Transport.Plan = request => IsWatch(request) && !(first = !first) ? (kind, at) : (FaultKind.None, 0);
            await harness.WriteAsync("gone", "1");
            harness.Start();
            await harness.UntilAsync(() => harness.Transport.Watches > 0);
            await harness.WriteAsync("a", "1");
            await harness.WriteAsync("gone", null);
            await harness.WriteAsync("b", "1");
            await harness.UntilConvergedAsync();
        }
    }

    [Fact]
    public async Task A_watch_that_falls_silent_is_replaced()
    {
        await using ReflectorHarness harness = new(new ReflectorOptions());
        var first = true;
        harness.Transport.Plan = request => IsWatch(request) && !(first = !first) ? (FaultKind.Silence, FaultyBody.ForEver) : (FaultKind.None, 0);
        harness.Start();
        await harness.UntilAsync(() => harness.Transport.Faults > 0, 0);
        await harness.WriteAsync("a", "1");
        var start = harness.Clock.GetUtcNow();
        await harness.UntilConvergedAsync();
        Assert.InRange((harness.Clock.GetUtcNow() - start).TotalSeconds, 60, double.MaxValue);
    }

    [Fact]
    public async Task A_store_that_was_restored_from_a_backup_is_taken_over_though_its_versions_are_older()
    {
        await using ReflectorHarness harness = new(new ReflectorOptions());
        for (var write = 0; write < 20; write++) await harness.WriteAsync("a", $"{write}");
        await harness.WriteAsync("new", "1");
        harness.Start();
        await harness.UntilConvergedAsync();
        await using ReflectorHarness backup = new();
        await backup.WriteAsync("a", "old");
        await backup.WriteAsync("older", "1");
        harness.Transport.Redirect(backup.Server.CreateHandler());
        await harness.UntilAsync(() => ReflectorHarness.Show(harness.Known) == "a=old,older=1", 5);
        await backup.WriteAsync("a", "next");
        await harness.UntilAsync(() => ReflectorHarness.Show(harness.Known) == "a=next,older=1", 5);
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_hides_no_other_and_leaves_when_it_is_deleted()
    {
        await using ReflectorHarness harness = new();
        harness.Start();
        await harness.WriteAsync("a", "1");
        await harness.WriteAsync("odd", "1");
        await harness.UntilConvergedAsync();
        harness.Transport.Rewrite = text => text.Replace("\"name\":\"odd\"", "\"generation\":\"seven\",\"name\":\"odd\"", StringComparison.Ordinal);
        await harness.WriteAsync("odd", "2");
        await harness.WriteAsync("b", "1");
        await harness.UntilAsync(() => harness.Known.ContainsKey("b"));
        Assert.Equal("a=1,b=1,odd=1", ReflectorHarness.Show(harness.Known));
        await harness.WriteAsync("odd", null);
        await harness.UntilAsync(() => !harness.Known.ContainsKey("odd"));
    }

    [Fact]
    public async Task A_list_with_an_object_that_cannot_be_read_does_not_take_it_for_gone()
    {
        await using ReflectorHarness harness = new();
        harness.Start();
        await harness.WriteAsync("a", "1");
        await harness.WriteAsync("odd", "1");
        await harness.UntilConvergedAsync();
        harness.Transport.Rewrite = text => text.Replace("\"name\":\"odd\"", "\"generation\":\"seven\",\"name\":\"odd\"", StringComparison.Ordinal);
        var lists = harness.Transport.Lists;
        harness.Transport.Plan = request => (IsWatch(request) ? FaultKind.Http410 : FaultKind.None, 0);
        harness.Transport.CutNow();
        await harness.UntilAsync(() => harness.Transport.Lists > lists + 4);
        harness.Transport.Plan = null;
        await harness.WriteAsync("b", "1");
        await harness.UntilAsync(() => harness.Known.ContainsKey("b"));
        Assert.Equal("a=1,b=1,odd=1", ReflectorHarness.Show(harness.Known));
    }

    [Fact]
    public async Task A_view_that_cannot_be_made_hides_no_other_object()
    {
        await using ReflectorHarness harness = new(view: map => new MapView(map.Metadata.Name, map.Data["value"] == "bad" ? throw new KeyNotFoundException("defect") : map.Data["value"]));
        await harness.WriteAsync("odd", "bad");
        harness.Start();
        await harness.WriteAsync("a", "1");
        await harness.WriteAsync("odd", "bad");
        await harness.WriteAsync("b", "1");
        await harness.UntilAsync(() => ReflectorHarness.Show(harness.Known) == "a=1,b=1");
    }

    [Fact]
    public async Task A_defect_of_who_listens_ends_no_watch()
    {
        await using ReflectorHarness harness = new();
        var thrown = 0;
        harness.Store.Changed += (key, _, _) =>
        {
            if (key.Name == "a" && Interlocked.Increment(ref thrown) == 1) throw new InvalidTimeZoneException("defect");
        };
        harness.Start();
        await harness.WriteAsync("a", "1");
        await harness.WriteAsync("b", "1");
        await harness.UntilConvergedAsync();
        Assert.Equal(1, thrown);
    }

    [Fact]
    public async Task It_ends_when_it_is_told_to_also_while_it_waits()
    {
        await using ReflectorHarness harness = new();
        harness.Transport.Plan = _ => (FaultKind.Http410, 0);
        harness.Start();
        await harness.UntilAsync(() => harness.Transport.Faults > 0, 0);
        await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    // The faults end; then the store, and whoever listened to it, know what the server has.
    private static async Task AgreeAsync(ReflectorHarness harness)
    {
        harness.Transport.Plan = null;
        await harness.UntilConvergedAsync();
        Assert.Equal(ReflectorHarness.Show(harness.Truth), string.Join(',', harness.Told.Where(pair => pair.Value is not null).OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}={pair.Value}")));
    }

    private static bool IsWatch(HttpRequestMessage request) => request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal);

    // A list has several pages, each of which can go wrong: with as many faults as watches have, hardly one would come to its end.
    private static (FaultKind Kind, int AtByte) Choose(Random random, bool isWatch) => isWatch || random.Next(4) == 0
        ? (s_faults[random.Next(s_faults.Length)], random.Next(isWatch ? 900 : 300))
        : (FaultKind.None, 0);
}
