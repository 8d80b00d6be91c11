using System.Collections.Concurrent;
using CsCheck;
using DiffusionDpo.KubeOps.Queueing;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace DiffusionDpo.KubeOps.Tests.Queueing;

public sealed class WorkQueueTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_added_while_it_is_worked_on_comes_once_more_and_not_before()
    {
        using var queue = Queue();
        queue.Add(1);
        queue.Add(1);
        Assert.Equal(1, await queue.TakeAsync(Token));
        queue.Add(1);
        queue.Add(1);
        Assert.Equal(0, queue.Pending);
        Assert.False(queue.IsIdle);
        queue.Done(1);
        Assert.Equal(1, queue.Pending);
        Assert.Equal(1, await queue.TakeAsync(Token));
        queue.Done(1);
        Assert.True(queue.IsIdle);
    }

    [Fact]
    public void Of_several_times_the_earliest_counts()
    {
        using var queue = Queue();
        queue.AddAfter(1, TimeSpan.FromSeconds(30));
        queue.AddAfter(1, TimeSpan.FromSeconds(10));
        queue.AddAfter(1, TimeSpan.FromSeconds(20));
        Assert.Equal(_clock.GetUtcNow().AddSeconds(10), queue.NextDue);
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(0, queue.Pending);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(1, queue.Pending);
    }

    [Fact]
    public async Task A_key_that_was_added_at_once_does_not_come_again_at_its_time()
    {
        using var queue = Queue();
        queue.AddAfter(1, TimeSpan.FromSeconds(10));
        queue.Add(1);
        Assert.Equal(1, await queue.TakeAsync(Token));
        queue.Done(1);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, queue.Pending);
    }

    [Fact]
    public void Waits_after_failures_double_up_to_five_minutes_and_begin_anew_once_it_went_well()
    {
        using var queue = Queue();
        for (var (failure, expected) = (0, 0.1); failure < 30; failure++, expected = Math.Min(expected * 2, 300))
        {
            queue.AddAfterFailure(1);
            Assert.InRange((queue.NextDue!.Value - _clock.GetUtcNow()).TotalSeconds, expected, expected * 1.3 + 1e-6);
            TakeAtItsTime(queue);
        }

        queue.Forget(1);
        queue.AddAfterFailure(1);
        Assert.InRange((queue.NextDue!.Value - _clock.GetUtcNow()).TotalSeconds, 0.1, 0.13);
    }

    [Fact]
    public async Task Who_waits_for_a_key_can_give_up_and_takes_none_with_it()
    {
        using var queue = Queue();
        using CancellationTokenSource cancel = new();
        var waiting = queue.TakeAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        queue.Add(1);
        Assert.Equal(1, await queue.TakeAsync(Token));
    }

    /// <summary>Steps: (kind, key, seconds). The model: a key's next time, and whether it is worked on.</summary>
    [Fact]
    public void Random_steps_do_what_a_simple_model_says() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[1, 20]).List[1, 60].Sample(steps => Follow(steps), iter: 3_000);

    [Fact]
    public async Task What_happens_does_not_wait_for_what_is_only_looked_at()
    {
        using var queue = Queue();
        for (var key = 0; key < 1000; key++) queue.AddBehind(key);
        queue.Add(2000);
        queue.Add(500);
        Assert.Equal(1001, queue.Pending);
        List<int> taken = [];
        while (queue.Pending > 0) taken.Add(await queue.TakeAsync(Token));
        Assert.Equal([2000, 500, .. Enumerable.Range(0, 1000).Where(key => key != 500)], taken);
    }

    [Fact]
    public async Task What_is_only_looked_at_gets_its_share_however_much_happens()
    {
        using var queue = Queue();
        queue.AddAfter(0, TimeSpan.FromSeconds(1));
        for (var key = 1; key < 100; key++) queue.Add(key);
        _clock.Advance(TimeSpan.FromSeconds(1));
        List<int> taken = [];
        while (!taken.Contains(0)) taken.Add(await queue.TakeAsync(Token));
        Assert.Equal([1, 2, 3, 0], taken);
    }

    [Fact]
    public async Task With_many_workers_no_key_is_worked_on_twice_at_once_and_none_is_left()
    {
        using var queue = Queue();
        const int keys = 20, adds = 20_000;
        var (wanted, seen, busy) = (new long[keys], new long[keys], new int[keys]);
        using CancellationTokenSource stop = new();
        ConcurrentQueue<string> violations = new();
        var workers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                int key;
                try
                {
                    key = await queue.TakeAsync(stop.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                if (Interlocked.Increment(ref busy[key]) != 1) violations.Enqueue($"{key} twice at once");
                var state = Volatile.Read(ref wanted[key]);
                await Task.Yield();
                Volatile.Write(ref seen[key], state);
                Interlocked.Decrement(ref busy[key]);
                queue.Done(key);
            }
        })).ToList();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(producer => Task.Run(() =>
        {
            for (var add = producer; add < adds; add += 4)
            {
                Interlocked.Increment(ref wanted[add % keys]);
                if (add % 7 == 0) queue.AddAfter(add % keys, TimeSpan.FromMilliseconds(add % 50));
                else queue.Add(add % keys);
                if (add % 100 == 0) _clock.Advance(TimeSpan.FromMilliseconds(10));
            }
        })));
        _clock.Advance(TimeSpan.FromSeconds(1));
        while (!queue.IsIdle) await Task.Yield();
        await stop.CancelAsync();
        await Task.WhenAll(workers);
        Assert.Empty(violations);
        Assert.Equal(wanted, seen);
    }

    private static void Follow(List<(int Kind, int Key, int Seconds)> steps)
    {
        FakeTimeProvider clock = new();
        using WorkQueue<int> queue = new(clock, new QueueMetrics(Metrics.NewCustomRegistry(), "test"));
        List<int> ready = [], behind = [];
        HashSet<int> working = [], again = [];
        var inARow = 0;
        Dictionary<int, DateTimeOffset> due = [];
        void AddNow(int key)
        {
            due.Remove(key);
            behind.Remove(key);
            if (working.Contains(key)) again.Add(key);
            else if (!ready.Contains(key)) ready.Add(key);
        }

        void AddLast(int key)
        {
            due.Remove(key);
            if (working.Contains(key)) again.Add(key);
            else if (!ready.Contains(key)) (ready, behind) = ([.. ready, key], [.. behind, key]);
        }

        foreach (var (kind, key, seconds) in steps)
        {
            switch (kind)
            {
                case 0:
                    queue.Add(key);
                    AddNow(key);
                    break;
                case 1:
                    queue.AddAfter(key, TimeSpan.FromSeconds(seconds));
                    var at = clock.GetUtcNow().AddSeconds(seconds);
                    if (!due.TryGetValue(key, out var known) || at < known) due[key] = at;
                    break;
                case 2 when ready.Count > 0:
                    var taken = queue.TakeAsync(Token).GetAwaiter().GetResult();
                    Assert.True(ready.Remove(taken), $"{taken} is not due");
                    // One in four is taken from behind all the same.
                    inARow = behind.Contains(taken) && !ready.All(behind.Contains) ? inARow + 1 : 0;
                    Assert.True(inARow <= 1, $"{taken} is not next");
                    behind.Remove(taken);
                    working.Add(taken);
                    break;
                case 3 when working.Contains(key):
                    queue.Done(key);
                    working.Remove(key);
                    if (again.Remove(key)) ready.Add(key);
                    break;
                case 5:
                    queue.AddBehind(key);
                    AddLast(key);
                    break;
                case 4:
                    clock.Advance(TimeSpan.FromSeconds(seconds));
                    foreach (var (one, _) in due.Where(pair => pair.Value <= clock.GetUtcNow()).OrderBy(pair => pair.Value).ToList()) AddLast(one);
                    break;
            }

            Assert.Equal(ready.Count, queue.Pending);
            Assert.Equal(ready.Count == 0 && working.Count == 0, queue.IsIdle);
            if (due.Count > 0) Assert.True(queue.NextDue <= due.Values.Min());
        }
    }

    private void TakeAtItsTime(WorkQueue<int> queue)
    {
        _clock.Advance(queue.NextDue!.Value - _clock.GetUtcNow());
        Assert.Equal(1, queue.TakeAsync(Token).GetAwaiter().GetResult());
        queue.Done(1);
    }

    private WorkQueue<int> Queue() => new(_clock, new QueueMetrics(Metrics.NewCustomRegistry(), "test"));
}
