using System.Net;
using CsCheck;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.Operator.Tests.Modelling;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.Operator.Tests.Reconciling;

/// <summary>
/// Random histories of a fine-tune: pods that start and end in every way, nodes that vanish, users that change their minds, an operator that
/// sees late, is cut off before or after a call took effect, or is killed and replaced. The model refuses what must never happen.
/// </summary>
public sealed class RandomWalkTests
{
    private static readonly int[] s_codes = [0, 0, 0, 1, 64, 65, 70, 74, 77, 80, 81, 82, 83, 84, 85, 86, 137, 143];

    private static readonly int s_walks = int.TryParse(Environment.GetEnvironmentVariable("DDPO_WALKS"), out var given) ? given : 3000;

    private static Gen<Move> Moves => Gen.OneOf<Move>(
        Gen.Const(new Move("run pods", w => w.Cluster.RunPods())),
        Gen.Const(new Move("run pods and see", w => w.Cluster.RunPods())),
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, s_codes.Length - 1]).Select(at => new Move($"worker {at.Item1} exits with {s_codes[at.Item2]}", w => w.Cluster.Exit(at.Item1, s_codes[at.Item2]))),
        Gen.Const(new Move("all succeed", w => w.ExitAll(0))),
        Gen.Int[0, 1].Select(i => new Move($"evict {i}", w => w.Cluster.Evict(i))),
        Gen.Int[0, 1].Select(i => new Move($"lose node {i}", w => w.Cluster.LoseNode(i))),
        Gen.Const(new Move("finish deletions", w => w.Cluster.FinishDeletions())),
        Gen.Const(new Move("delete the Job", w => w.Cluster.DeleteNewestJob())),
        Gen.Const(new Move("toggle suspend", w => w.Cluster.Edit(spec => spec with { Suspend = !spec.Suspend }))),
        Gen.Int[1, 3].Select(run => new Move($"run {run}", w => w.Cluster.Edit(spec => spec with { RunId = $"{run}" }))),
        Gen.Int[1, 4000].Select(seconds => new Move($"{seconds} s pass", w => w.Time.Advance(TimeSpan.FromSeconds(seconds)))),
        Gen.Select(Gen.Int[0, 5], Gen.Bool, Gen.Bool).Select(f => new Move($"fault at call {f.Item1} {(f.Item2 ? "after" : "before")}{(f.Item3 ? ", killed" : "")}", w => w.Arm(f.Item1, f.Item2, f.Item3))),
        Gen.Const(new Move("see the fine-tune", w => w.Cluster.SyncFineTune())),
        Gen.Const(new Move("see Jobs", w => w.Cluster.SyncJobs())),
        Gen.Const(new Move("see pods", w => w.Cluster.SyncPods())),
        Gen.Const(new Move("see", w => w.Cluster.Sync())));

    [Fact]
    public void No_history_breaks_what_must_hold()
    {
        Gen.Select(Moves, Gen.Bool).Array[5, 60].Sample(
            moves => Walk(moves).GetAwaiter().GetResult(),
            iter: s_walks,
            threads: 1,
            print: moves => string.Join("; ", moves.Select(m => m.Item1.Name + (m.Item2 ? ", reconcile" : ""))));
    }

    private static async Task Walk((Move Move, bool Reconcile)[] moves)
    {
        using World world = new();
        foreach (var (move, reconcile) in moves)
        {
            move.Do(world);
            if (reconcile) await world.ReconcileAsync();
        }

        world.Disarm();
        if (world.Cluster.FineTune.Spec.Suspend) world.Cluster.Edit(spec => spec with { Suspend = false });
        for (var round = 0; round < 60 && !world.HasEnded; round++)
        {
            await world.Operator.SettleAsync();
            world.Cluster.RunPods();
            world.ExitAll(0);
            world.Cluster.FinishDeletions();
            await world.Operator.PassAsync(TimeSpan.FromMinutes(20));
        }

        Assert.True(world.HasEnded, $"does not end: {world.Cluster.Status.Phase}, {string.Join(", ", world.Cluster.Status.Attempts.Select(a => a.Class ?? "open"))}");
        await world.Operator.SettleAsync();
        var (created, writes) = (world.Cluster.Created.Count, world.Cluster.StatusWrites);
        await world.Operator.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal((created, writes), (world.Cluster.Created.Count, world.Cluster.StatusWrites));
    }

    private sealed record Move(string Name, Action<World> Do);

    private sealed class OperatorKilledException : Exception;

    private sealed class World : IDisposable
    {
        public World()
        {
            Cluster = new ModelCluster(Samples.FineTune(spec => spec with { RetryPolicy = new RetryPolicyOptions { MaxRestarts = 2, MaxInfraRestarts = 3, NoProgressLimit = 4 } }), Time);
            Operator = new ModelOperator(Cluster, Time);
        }

        public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

        public ModelCluster Cluster { get; }

        public ModelOperator Operator { get; private set; }

        public bool HasEnded => Cluster.Status is { Phase: FineTunePhase.Complete or FineTunePhase.Failed } status && status.RunId == Cluster.FineTune.Spec.RunId;

        public void ExitAll(int code)
        {
            for (var i = 0; i < 2; i++) Cluster.Exit(i, code);
        }

        /// <summary>A later call is cut off: before it takes effect or after; the operator sees an error, or is killed there.</summary>
        public void Arm(int call, bool after, bool kill)
        {
            Cluster.Fault = (_, isAfter) =>
            {
                if (isAfter != after || call-- > 0) return;
                Disarm();
                throw kill ? new OperatorKilledException() : new ApiException(HttpStatusCode.InternalServerError, "InternalError", "cut off");
            };
        }

        public void Disarm() => Cluster.Fault = (_, _) => { };

        public async Task ReconcileAsync()
        {
            try
            {
                await Operator.ReconcileAsync();
            }
            catch (ApiException e) when (e.IsTransient)
            {
                // The runtime tries again later.
            }
            catch (OperatorKilledException)
            {
                Operator.Dispose();
                Operator = new ModelOperator(Cluster, Time);
                Cluster.TakeOver();
            }
        }

        public void Dispose() => Operator.Dispose();
    }
}
