using DiffusionDpo.KubeOps.Reconciling;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;

namespace DiffusionDpo.KubeOps.Tests.Reconciling;

public sealed class EntityLoopTests
{
    [Fact]
    public async Task What_is_there_when_the_work_begins_is_reconciled()
    {
        await using var loop = new LoopUnderTest();
        loop.Put("a");
        loop.Put("b");
        loop.Start();
        await loop.Controller.CalledAsync(2);
        Assert.Equal(["reconcile a u1", "reconcile b u1"], loop.Controller.Calls.Order());
    }

    [Fact]
    public async Task Who_stands_by_queues_nothing()
    {
        await using var loop = new LoopUnderTest();
        loop.Put("a");
        loop.Delete("a");
        Assert.True(loop.Queue.IsIdle);
        loop.Put("b");
        loop.Start();
        await loop.Controller.CalledAsync();
        await loop.IdleAsync();
        Assert.Equal(["reconcile b u1"], loop.Controller.Calls);
    }

    [Fact]
    public async Task An_entity_is_worked_on_by_one_worker_at_a_time_and_once_more_for_what_came_meanwhile()
    {
        await using var loop = new LoopUnderTest();
        TaskCompletionSource go = new();
        int together = 0, most = 0;
        loop.Controller.OnReconcile = async (entity, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref together));
            await go.Task;
            Interlocked.Decrement(ref together);
            return ReconciliationResult<V1ConfigMap>.Success(entity);
        };
        loop.Start();
        loop.Put("a");
        await loop.Controller.CalledAsync();
        for (int i = 0; i < 10; i++) loop.Put("a");
        go.SetResult();
        await loop.Controller.CalledAsync();
        await loop.IdleAsync();
        Assert.Equal((1, 2), (most, loop.Controller.Calls.Count));
    }

    [Fact]
    public async Task A_controller_that_never_waits_does_not_keep_the_other_workers_from_beginning()
    {
        await using var loop = new LoopUnderTest();
        using var both = new Barrier(2);
        loop.Controller.OnReconcile = (entity, _) =>
        {
            Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
            return Task.FromResult(ReconciliationResult<V1ConfigMap>.Success(entity));
        };
        loop.Put("a");
        loop.Put("b");
        await Task.Run(loop.Start, TestContext.Current.CancellationToken);
        await loop.Controller.CalledAsync(2);
    }

    [Fact]
    public async Task An_exception_harms_no_worker_and_the_entity_comes_again()
    {
        await using var loop = new LoopUnderTest(new ReconcileOptions { Workers = 1 });
        int failures = 0;
        loop.Controller.OnReconcile = (entity, _) => ++failures <= 3
            ? throw new InvalidOperationException("on purpose")
            : Task.FromResult(ReconciliationResult<V1ConfigMap>.Success(entity));
        loop.Start().Put("a");
        for (int i = 0; i < 4; i++)
        {
            await loop.Controller.CalledAsync();
            await loop.IdleAsync();
            loop.Time.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.Equal(4, loop.Controller.Calls.Count);
    }

    [Fact]
    public async Task Failures_in_a_row_wait_longer_each_time()
    {
        await using var loop = new LoopUnderTest();
        loop.Controller.OnReconcile = (entity, _) => Task.FromResult(ReconciliationResult<V1ConfigMap>.Failure(entity, "no"));
        loop.Start().Put("a");
        List<TimeSpan> waits = [];
        for (int i = 0; i < 6; i++)
        {
            await loop.Controller.CalledAsync();
            await loop.IdleAsync();
            TimeSpan wait = loop.Queue.NextDue!.Value - loop.Time.GetUtcNow();
            waits.Add(wait);
            loop.Time.Advance(wait);
        }

        Assert.Equal(waits.Order(), waits);
        Assert.True(waits[^1] > 8 * waits[0]);
    }

    [Fact]
    public async Task A_reconciliation_that_takes_too_long_is_cancelled_and_tried_again()
    {
        await using var loop = new LoopUnderTest(new ReconcileOptions { Timeout = TimeSpan.FromSeconds(5) });
        loop.Controller.OnReconcile = async (entity, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            return ReconciliationResult<V1ConfigMap>.Success(entity);
        };
        loop.Start().Put("a");
        await loop.Controller.CalledAsync();
        loop.Time.Advance(TimeSpan.FromSeconds(5));
        await loop.IdleAsync();
        Assert.NotNull(loop.Queue.NextDue);
    }

    [Fact]
    public async Task An_entity_without_events_is_reconciled_again_after_the_resync_period()
    {
        await using var loop = new LoopUnderTest(new ReconcileOptions { Resync = TimeSpan.FromHours(1) });
        loop.Start().Put("a");
        await loop.Controller.CalledAsync();
        await loop.IdleAsync();
        loop.Time.Advance(TimeSpan.FromMinutes(59));
        await loop.IdleAsync();
        Assert.Single(loop.Controller.Calls);
        loop.Time.Advance(TimeSpan.FromMinutes(10));
        await loop.Controller.CalledAsync();
    }

    [Fact]
    public async Task The_controller_is_told_of_a_deletion_until_it_has_dealt_with_it()
    {
        await using var loop = new LoopUnderTest();
        int tries = 0;
        loop.Controller.OnDeleted = entity => ++tries < 3
            ? ReconciliationResult<V1ConfigMap>.Failure(entity, "not yet")
            : ReconciliationResult<V1ConfigMap>.Success(entity);
        loop.Start().Put("a");
        await loop.Controller.CalledAsync();
        await loop.IdleAsync();
        loop.Delete("a");
        for (int i = 0; i < 3; i++)
        {
            await loop.Controller.CalledAsync();
            await loop.IdleAsync();
            loop.Time.Advance(TimeSpan.FromMinutes(10));
        }

        await loop.IdleAsync();
        Assert.Equal(["reconcile a u1", "deleted a u1", "deleted a u1", "deleted a u1"], loop.Controller.Calls);
        Assert.Null(loop.Queue.NextDue);
    }

    [Fact]
    public async Task Of_an_entity_whose_name_was_taken_again_the_old_one_is_told_of_first()
    {
        await using var loop = new LoopUnderTest(new ReconcileOptions { Workers = 1 });
        loop.Start().Put("a", "u1");
        await loop.Controller.CalledAsync();
        await loop.IdleAsync();
        // As a list shows it: no deletion was seen.
        loop.Put("a", "u2");
        await loop.Controller.CalledAsync(2);
        Assert.Equal(["reconcile a u1", "deleted a u1", "reconcile a u2"], loop.Controller.Calls);
    }

    [Fact]
    public async Task What_runs_when_the_process_is_to_stop_may_end_within_the_limit()
    {
        await using var loop = new LoopUnderTest(new ReconcileOptions { DrainLimit = TimeSpan.FromSeconds(20), Workers = 1 });
        TaskCompletionSource end = new();
        bool wasCancelled = false;
        loop.Controller.OnReconcile = async (entity, cancellation) =>
        {
            await end.Task;
            wasCancelled = cancellation.IsCancellationRequested;
            return ReconciliationResult<V1ConfigMap>.Success(entity);
        };
        loop.Start();
        loop.Put("a");
        loop.Put("b");
        await loop.Controller.CalledAsync();
        loop.Stop();
        loop.Time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(loop.Running.IsCompleted);
        end.SetResult();
        await loop.Running.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.False(wasCancelled);
        Assert.Single(loop.Controller.Calls);
    }

    [Fact]
    public async Task What_does_not_end_within_the_limit_is_cancelled()
    {
        await using var loop = new LoopUnderTest(new ReconcileOptions { DrainLimit = TimeSpan.FromSeconds(20), Timeout = TimeSpan.FromHours(1) });
        loop.Controller.OnReconcile = async (entity, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            return ReconciliationResult<V1ConfigMap>.Success(entity);
        };
        loop.Start().Put("a");
        await loop.Controller.CalledAsync();
        loop.Stop();
        loop.Time.Advance(TimeSpan.FromSeconds(20));
        await loop.Running.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_worker_that_ignores_its_time_limit_is_known_to_hang()
    {
        await using var loop = new LoopUnderTest(new ReconcileOptions { Timeout = TimeSpan.FromMinutes(2) });
        loop.Controller.OnReconcile = (_, _) => new TaskCompletionSource<ReconciliationResult<V1ConfigMap>>().Task;
        loop.Start();
        loop.Time.Advance(TimeSpan.FromHours(1));
        Assert.True(loop.IsMoving, "who waits for work does not hang");
        loop.Put("a");
        await loop.Controller.CalledAsync();
        loop.Time.Advance(TimeSpan.FromMinutes(3));
        Assert.True(loop.IsMoving, "it may still hear that its time is over");
        loop.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(loop.IsMoving);
    }

    [Fact]
    public async Task What_ignores_that_it_is_cancelled_is_left_behind()
    {
        await using var loop = new LoopUnderTest(new ReconcileOptions { DrainLimit = TimeSpan.FromSeconds(20) });
        loop.Controller.OnReconcile = (_, _) => new TaskCompletionSource<ReconciliationResult<V1ConfigMap>>().Task;
        loop.Start().Put("a");
        await loop.Controller.CalledAsync();
        loop.Stop();
        loop.Time.Advance(TimeSpan.FromSeconds(25));
        await loop.Running.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }
}
