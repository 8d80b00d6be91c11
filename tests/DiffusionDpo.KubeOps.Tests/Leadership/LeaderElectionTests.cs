using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Leadership;
using DiffusionDpo.KubeOps.Tests.Faking;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.KubeOps.Tests.Leadership;

public sealed class LeaderElectionTests
{
    private static readonly ObjectKey s_key = new("ns", "op");
    private readonly FakeTimeProvider _time = new();
    private readonly FakeApiServer _server = new();

    // Without one, everything that a passing of time causes happens within Advance, in an order that is always the same.
    public LeaderElectionTests() => SynchronizationContext.SetSynchronizationContext(null);

    [Fact]
    public async Task The_first_leads_and_keeps_the_lease()
    {
        var (one, two) = (Start("one"), Start("two"));
        Pass(60);
        Assert.True(one.Election.IsLeader);
        Assert.True(one.Election.Fence.IsOpen);
        Assert.False(two.Election.IsLeader);
        Assert.False(two.Election.Fence.IsOpen);
        Assert.Equal(1, one.Terms);
        Assert.Contains("leader_election_master_status{name=\"op\"} 1", await one.MetricsAsync(), StringComparison.Ordinal);
        Assert.Contains("leader_election_master_status{name=\"op\"} 0", await two.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_lease_is_renewed_every_retry_period()
    {
        Start("one");
        var before = _server.Writes;
        Pass(20);
        Assert.Equal(10, _server.Writes - before);
    }

    // The worst is a crash just after a renewal that the other sees only a retry period later.
    [Theory]
    [InlineData(1.9, 8.2)]
    [InlineData(0.1, 10)]
    [InlineData(0.3, 11.5)]
    public void A_crash_is_followed_within_17_seconds_and_not_before_the_lease_ran_out(double offset, double until)
    {
        var one = Start("one");
        Pass(offset);
        var two = Start("two");
        Pass(until);
        one.Crash();
        Pass(12);
        Assert.False(two.IsWorking);
        Pass(5);
        Assert.True(two.IsWorking);
        Assert.Equal(1, _server.Get<V1Lease>(s_key)!.Spec.LeaseTransitions);
    }

    [Fact]
    public void A_wrong_wall_clock_of_another_machine_does_not_matter()
    {
        Start("one");
        var ahead = new Candidate("two", _server, new SkewedTime(_time, TimeSpan.FromHours(5))).Start();
        var behind = new Candidate("three", _server, new SkewedTime(_time, TimeSpan.FromHours(-5))).Start();
        Pass(60);
        Assert.Equal(0, ahead.Terms + behind.Terms);
    }

    [Fact]
    public void A_graceful_stop_hands_over_within_3_seconds()
    {
        var (one, two) = (Start("one"), Start("two"));
        Pass(11.3);
        one.Stop();
        Assert.Equal(LeadershipEnd.Stopped, one.End);
        Assert.Equal("", _server.Get<V1Lease>(s_key)!.Spec.HolderIdentity);
        Pass(2);
        Assert.True(two.Election.IsLeader);
    }

    [Fact]
    public void The_lease_is_kept_until_the_work_has_ended()
    {
        var one = Start("one", draining: 20);
        var two = Start("two");
        Pass(5);
        one.Stop();
        Pass(19.9);
        Assert.True(one.Work.IsCancellationRequested);
        Assert.True(one.MayWrite);
        Assert.Equal(("one", 0), (_server.Get<V1Lease>(s_key)!.Spec.HolderIdentity, two.Terms));
        Pass(2.2);
        Assert.Equal((false, true), (one.MayWrite, two.MayWrite));
    }

    [Fact]
    public void An_API_server_away_while_acquiring_is_waited_for()
    {
        var one = new Candidate("one", _server, _time) { Client = { Faults = () => new Fault(Unreachable: true) } }.Start();
        Pass(300);
        Assert.Null(one.End);
        one.Client.Faults = () => Fault.Hangs;
        Pass(300);
        one.Client.Faults = () => Fault.None;
        Pass(6);
        Assert.True(one.Election.IsLeader);
    }

    [Fact]
    public void A_candidate_stops_at_once_while_the_API_server_is_away()
    {
        var one = new Candidate("one", _server, _time) { Client = { Faults = () => Fault.Hangs with { Way = TimeSpan.FromDays(1) } } }.Start();
        Pass(1);
        one.Stop();
        Assert.Equal(LeadershipEnd.Stopped, one.End);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_leadership_is_lost_a_renew_deadline_after_the_last_renewal_was_sent(bool hangs)
    {
        var one = new Candidate("one", _server, _time) { Client = { Faults = () => new Fault(Way: TimeSpan.FromSeconds(0.4)) } }.Start();
        // Renewals are sent at 0.8 and every 2 s; the last good one at 10.8.
        Pass(12.5);
        one.Client.Faults = () => hangs ? new Fault(Way: TimeSpan.FromDays(1)) : new Fault(Unreachable: true);
        Pass(8.2);
        Assert.True(one.Election.IsLeader);
        Pass(0.1);
        Assert.Equal((false, true, true), (one.Election.IsLeader, one.Election.Fence.Closed.IsCancellationRequested, one.Work.IsCancellationRequested));
        Assert.Equal(LeadershipEnd.Lost, one.End);
    }

    [Fact]
    public void A_lost_answer_costs_nothing()
    {
        var one = new Candidate("one", _server, _time);
        one.Client.Faults = () => new Fault(AnswerLost: one.Client.Requests % 4 == 0);
        one.Start();
        Pass(120);
        Assert.Equal((true, 1), (one.Election.IsLeader, one.Terms));
    }

    [Fact]
    public void One_hanging_request_does_not_cost_the_leadership()
    {
        var one = new Candidate("one", _server, _time);
        one.Client.Faults = () => one.Client.Requests % 4 == 0 ? new Fault(Way: TimeSpan.FromDays(1)) : Fault.None;
        one.Start();
        Pass(120);
        Assert.Equal((true, 1), (one.Election.IsLeader, one.Terms));
    }

    [Fact]
    public void A_lease_that_another_took_is_lost_at_the_next_renewal()
    {
        var one = Start("one");
        Pass(3);
        var lease = _server.Get<V1Lease>(s_key)!;
        lease.Spec = new V1LeaseSpec { HolderIdentity = "somebody", LeaseDurationSeconds = 15 };
        _server.Replace(lease);
        Pass(2);
        Assert.Equal(LeadershipEnd.Lost, one.End);
        Assert.Equal("somebody", _server.Get<V1Lease>(s_key)!.Spec.HolderIdentity);
    }

    [Fact]
    public void The_duration_that_the_holder_promised_counts()
    {
        _server.Create(new V1Lease
        {
            Metadata = new V1ObjectMeta { Name = "op", NamespaceProperty = "ns" },
            Spec = new V1LeaseSpec { HolderIdentity = "slow", LeaseDurationSeconds = 60 },
        });
        var one = Start("one");
        Pass(59.9);
        Assert.Equal(0, one.Terms);
        Pass(0.1);
        Assert.Equal(1, one.Terms);
    }

    [Fact]
    public async Task Work_that_ends_by_itself_releases_the_lease()
    {
        var one = new Candidate("one", _server, _time).Election;
        Assert.Equal(LeadershipEnd.Finished, await one.RunAsync(_ => Task.CompletedTask, TestContext.Current.CancellationToken));
        Assert.Equal("", _server.Get<V1Lease>(s_key)!.Spec.HolderIdentity);
        await Assert.ThrowsAsync<InvalidOperationException>(() => one.RunAsync(_ => throw new InvalidOperationException(), TestContext.Current.CancellationToken));
        Assert.Equal("", _server.Get<V1Lease>(s_key)!.Spec.HolderIdentity);
    }

    [Theory]
    [InlineData(15, 15, 2)]
    [InlineData(15, 10, 5)]
    [InlineData(15, 10, 0)]
    [InlineData(15.5, 10, 2)]
    public void Times_that_keep_no_distance_are_refused(double duration, double deadline, double period)
    {
        var options = new LeaderElectionOptions
        {
            LeaseName = "op", Namespace = "ns", Identity = "one",
            Duration = TimeSpan.FromSeconds(duration), RenewDeadline = TimeSpan.FromSeconds(deadline), RetryPeriod = TimeSpan.FromSeconds(period),
        };
        Assert.Throws<ArgumentException>(options.Validate);
    }

    private Candidate Start(string name, double draining = 0) =>
        new Candidate(name, _server, _time) { Draining = TimeSpan.FromSeconds(draining) }.Start();

    private void Pass(double seconds)
    {
        for (var left = TimeSpan.FromSeconds(seconds); left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(0.1)) _time.Advance(TimeSpan.FromSeconds(0.1));
    }
}
