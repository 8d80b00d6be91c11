using DiffusionDpo.KubeOps.Events;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.KubeOps.Tests.Events;

public sealed class EventCorrelatorTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly EventCorrelator _correlator;

    public EventCorrelatorTests() => _correlator = new EventCorrelator(_time);

    [Fact]
    public void Memory_is_bounded_and_given_back()
    {
        for (var i = 0; i < 10_000; i++) Assert.True(Add($"u{i}", "Started", "all pods run"));
        Assert.InRange(_correlator.Remembered.Series, 1000, 4096);
        foreach (var one in Write()) Assert.NotNull(one.Metadata.Name);
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Empty(_correlator.Due(all: true));
        Assert.Equal((0, 0), _correlator.Remembered);
    }

    [Fact]
    public void The_budget_refills_by_one_in_five_minutes()
    {
        Assert.Equal(25, Enumerable.Range(0, 100).Count(i => Add("u1", "PodFailed", $"{i}")));
        _time.Advance(TimeSpan.FromMinutes(4.9));
        Assert.False(Add("u1", "PodFailed", "early"));
        Assert.True(Add("u2", "PodFailed", "of another"));
        _time.Advance(TimeSpan.FromMinutes(0.1));
        Assert.True(Add("u1", "PodFailed", "in time"));
        Assert.False(Add("u1", "PodFailed", "one too many"));
    }

    [Fact]
    public void Names_differ_at_the_same_instant()
    {
        for (var i = 0; i < 20; i++) Add("u1", "PodFailed", $"{i}");
        Assert.Equal(20, Write().Select(one => one.Metadata.Name).Distinct().Count());
    }

    [Fact]
    public void What_goes_on_is_told_less_and_less_often()
    {
        List<int> told = [];
        for (var second = 0; second <= 1200; second++)
        {
            Add("u1", "Failing", "again");
            if (Write().Count > 0) told.Add(second);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([0, 5, 15, 35, 75, 155, 315, 615, 915], told);
    }

    [Fact]
    public void Another_kind_reason_or_note_is_another_event()
    {
        Add("u1", "A", "x");
        Add("u1", "B", "x");
        Add("u1", "A", "y");
        Add("u2", "A", "x");
        Add("u1", "A", "x", EventKind.Warning);
        Add("u1", "A", "x");
        Assert.Equal(5, Write().Count);
    }

    private bool Add(string uid, string reason, string note, EventKind kind = EventKind.Normal) => _correlator.TryAdd(
        new Occurrence(new V1ObjectReference { Name = "train", Kind = "Job", Uid = uid }, kind, reason, "Test", note, _time.GetUtcNow()));

    private List<Eventsv1Event> Write()
    {
        List<Eventsv1Event> written = [];
        foreach (var series in _correlator.Due(all: false))
        {
            var item = series.ToWrite("example.com/operator", "operator-0", out var count);
            series.Told(item, count);
            written.Add(item);
        }

        return written;
    }
}
