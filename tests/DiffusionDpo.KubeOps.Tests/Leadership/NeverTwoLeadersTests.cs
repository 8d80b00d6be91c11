using CsCheck;
using DiffusionDpo.KubeOps.Tests.Faking;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.KubeOps.Tests.Leadership;

/// <summary>Random histories of two and three replicas with faults of the network, crashes and stops, in virtual time.</summary>
public sealed class NeverTwoLeadersTests
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);

    private enum Happening
    {
        Unreachable,
        Hangs,
        AnswersLost,
        SlowWay,
        SlowAnswers,
        Fine,
        Crash,
        Stop,
    }

    private static readonly Gen<(int At, int Who, Happening What, int HowSlow)[]> s_history =
        Gen.Select(Gen.Int[0, 2400], Gen.Int[0, 2], Gen.Enum<Happening>(), Gen.Int[0, 20_000]).Array[5, 40];

    [Fact]
    public void Never_two_leaders_at_any_time_and_always_one_in_the_end() =>
        Gen.Select(Gen.Int[2, 3], s_history).Sample((count, history) => Play(count, history), iter: 200, threads: 1);

    private static void Play(int count, (int At, int Who, Happening What, int HowSlow)[] history)
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var (time, server) = (new FakeTimeProvider(), new FakeApiServer());
        List<string> wrong = [];
        List<Candidate> all = [];
        var running = Enumerable.Range(0, count).Select(Begin).ToArray();
        server.Written += item =>
        {
            // At the moment that somebody holds the lease, nobody else may write; whether the holder knows it yet does not matter.
            var taker = ((V1Lease)item).Spec.HolderIdentity;
            wrong.AddRange(all.Where(other => other.Name != taker && other.MayWrite).Select(other => $"{Now()}: {taker} took the lease from {other.Name}"));
            if (taker == "") wrong.AddRange(all.Where(other => other.IsWorking && !other.IsCrashed && other.MayWrite).Select(other => $"{Now()}: released at work"));
        };
        foreach (var candidate in running) candidate.Start();

        for (var tick = 0; tick < 2400; tick++)
        {
            foreach (var (_, who, what, howSlow) in history.Where(one => one.At == tick)) Happen(who % count, what, howSlow);
            Advance();
        }

        foreach (var candidate in running.Where(candidate => !candidate.IsCrashed)) candidate.Client.Faults = () => Fault.None;
        for (var tick = 0; tick < 60 * 20; tick++) Advance();
        Assert.Empty(wrong);
        var holder = server.List<V1Lease>().Single().Spec.HolderIdentity;
        Assert.True(running.Count(candidate => candidate.MayWrite && candidate.Election.IsLeader) == 1, $"{holder} holds the lease of {running.Length}");
        foreach (var candidate in all) candidate.Dispose();

        string Now() => $"{time.GetUtcNow() - time.Start}";

        Candidate Begin(int place)
        {
            var clock = new SkewedTime(time, TimeSpan.FromSeconds((all.Count * 977) % 100 - 50));
            Candidate? self = null;
            self = new Candidate($"{place}-{all.Count}", server, clock)
            {
                Draining = TimeSpan.FromSeconds(all.Count % 4),
                WhenLeading = () => wrong.AddRange(all.Where(other => other != self && other.MayWrite).Select(other => $"{Now()}: {self!.Name} leads beside {other.Name}")),
            };
            all.Add(self);
            return self;
        }

        void Advance()
        {
            time.Advance(s_tick);
            // As a Deployment does: a process that has ended is replaced by one with a name of its own.
            for (var place = 0; place < count; place++)
            {
                if (running[place] is { IsCrashed: true } or { End: not null }) running[place] = Begin(place).Start();
            }
        }

        void Happen(int place, Happening what, int howSlow)
        {
            var (candidate, delay) = (running[place], TimeSpan.FromMilliseconds(howSlow));
            // Two things may happen at once: the dead do not rise again.
            if (candidate.IsCrashed) return;
            if (what is Happening.Crash) candidate.Crash();
            else if (what is Happening.Stop) candidate.Stop();
            else candidate.Client.Faults = () => FaultOf(what, delay);
        }
    }

    private static Fault FaultOf(Happening what, TimeSpan delay) => what switch
    {
        Happening.Unreachable => new Fault(Way: delay / 10, Unreachable: true),
        Happening.Hangs => Fault.Hangs,
        Happening.AnswersLost => new Fault(Back: delay / 10, AnswerLost: true),
        Happening.SlowWay => new Fault(Way: delay),
        Happening.SlowAnswers => new Fault(Back: delay / 5),
        _ => Fault.None,
    };
}
