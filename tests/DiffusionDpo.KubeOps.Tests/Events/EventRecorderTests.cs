using System.Globalization;
using System.Text;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.KubeOps.Tests.Faking;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace DiffusionDpo.KubeOps.Tests.Events;

public sealed class EventRecorderTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeApiServer _server = new();
    private readonly FakeApiClient _client;
    private readonly EventRecorder _recorder;
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly CancellationTokenSource _stop = new();
    private readonly V1Job _job = new() { Metadata = new V1ObjectMeta { Name = "train", NamespaceProperty = "ns", Uid = "u1", ResourceVersion = "7" } };
    private Task _run = Task.CompletedTask;

    public EventRecorderTests()
    {
        _client = new FakeApiClient(_server, _time);
        var reporter = new EventReporter("example.com/operator", "operator-0");
        _recorder = new EventRecorder(_client, reporter, _time, _registry, NullLogger<EventRecorder>.Instance);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    [Fact]
    public async Task An_event_says_what_happened_to_which_object()
    {
        Run();
        Record("Started", "all pods run");
        await FlushAsync();
        var written = Assert.Single(Events);
        Assert.StartsWith("train.", written.Metadata.Name, StringComparison.Ordinal);
        Assert.Equal("ns", written.Metadata.NamespaceProperty);
        Assert.Equal(("batch/v1", "Job", "train", "u1"), (written.Regarding.ApiVersion, written.Regarding.Kind, written.Regarding.Name, written.Regarding.Uid));
        Assert.Equal(("Normal", "Started", "Test", "all pods run"), (written.Type, written.Reason, written.Action, written.Note));
        Assert.Equal(("example.com/operator", "operator-0"), (written.ReportingController, written.ReportingInstance));
        Assert.Null(written.Series);
        Assert.Equal(_time.Start.UtcDateTime, written.EventTime);
    }

    [Fact]
    public async Task Equal_events_become_one_whose_count_is_written_now_and_then()
    {
        Run();
        for (var second = 0; second < 120; second++)
        {
            Record("Failing", "again");
            var expected = second + 1;
            await PassAsync(() => _client.Requests > 0 || expected < 2);
        }

        await FlushAsync();
        var written = Assert.Single(Events);
        Assert.Equal(120, written.Series.Count);
        Assert.Equal(_time.Start.UtcDateTime.AddSeconds(119), written.Series.LastObservedTime);
        // At 0, 5, 15, 35, 75 s and in the end.
        Assert.InRange(_server.Writes, 3, 6);
    }

    [Fact]
    public async Task After_ten_quiet_minutes_it_is_a_new_event()
    {
        Run();
        Record("Started", "again");
        await PassAsync(() => _server.Writes == 1);
        _time.Advance(TimeSpan.FromMinutes(10.1));
        Record("Started", "again");
        await FlushAsync();
        Assert.Equal(2, Events.Select(one => one.Metadata.Name).Distinct().Count());
    }

    [Fact]
    public async Task A_flood_of_one_reason_is_thinned_out_and_leaves_room_for_others()
    {
        Run();
        for (var i = 0; i < 500; i++) Record("PodFailed", $"pod {i}");
        Record("CheckpointSaved", "step 500");
        await FlushAsync();
        Assert.Equal(25, Events.Count(one => one.Reason == "PodFailed"));
        Assert.Single(Events, one => one.Reason == "CheckpointSaved");
        Assert.Equal(475, await DroppedAsync("too_many"));
    }

    [Fact]
    public async Task A_full_queue_drops_and_never_blocks()
    {
        for (var i = 0; i < 3000; i++) Record("Started", "nobody reads");
        Assert.Equal(3000 - 1024, await DroppedAsync("queue_full"));
    }

    [Fact]
    public async Task An_outage_is_waited_out()
    {
        _client.Faults = () => new Fault(Unreachable: true);
        Run();
        Record("Started", "in the dark");
        await PassAsync(() => _client.Requests >= 4);
        _client.Faults = () => Fault.None;
        await PassAsync(() => Events.Count == 1);
    }

    [Fact]
    public async Task An_answer_that_got_lost_makes_no_second_event()
    {
        _client.Faults = () => new Fault(AnswerLost: _client.Requests == 1);
        Run();
        Record("Started", "once");
        await PassAsync(() => _server.Writes > 0 && _client.Requests >= 4);
        Assert.Single(Events);
    }

    [Fact]
    public async Task An_event_that_expired_meanwhile_is_written_anew()
    {
        Run();
        Record("Failing", "again");
        await PassAsync(() => Events.Count == 1);
        _server.Delete<Eventsv1Event>(ObjectKey.Of(Events[0]));
        Record("Failing", "again");
        await PassAsync(() => Events is [{ Series.Count: 2 }]);
    }

    [Fact]
    public async Task A_flush_ends_at_its_limit()
    {
        _client.Faults = () => new Fault(Unreachable: true);
        Run();
        Record("Started", "in vain");
        await PassAsync(() => _client.Requests > 0);
        var flush = _recorder.FlushAsync(TimeSpan.FromSeconds(3));
        await PassAsync(() => flush.IsCompleted);
        Assert.False(await flush);
        await _stop.CancelAsync();
        await _run;
        Assert.Equal(1, await DroppedAsync("shutdown"));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("")]
    public void Notes_that_fit_stay(string note) => Assert.Equal(note, EventText.Note(note));

    [Theory]
    [InlineData("a")]
    [InlineData("é")]
    [InlineData("😀")]
    [InlineData("x😀")]
    public void Long_notes_are_cut_between_characters(string part)
    {
        var cut = EventText.Note(string.Concat(Enumerable.Repeat(part, 1025)));
        Assert.InRange(Encoding.UTF8.GetByteCount(cut), 1024 - 5, 1024);
        Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut)));
    }

    [Fact]
    public void Names_of_events_are_names()
    {
        Assert.Equal("train.1a", EventText.Name("train", "1a"));
        var cut = EventText.Name(new string('a', 249) + ".bbb", "1a");
        Assert.Equal(new string('a', 249) + ".1a", cut);
    }

    private IReadOnlyList<Eventsv1Event> Events => _server.List<Eventsv1Event>();

    private void Run() => _run = _recorder.RunAsync(_stop.Token);

    private void Record(string reason, string note) => _recorder.Record(_job, EventKind.Normal, reason, "Test", note);

    private async Task FlushAsync()
    {
        var flush = _recorder.FlushAsync(TimeSpan.FromMinutes(1));
        await PassAsync(() => flush.IsCompleted);
        Assert.True(await flush);
    }

    // The loop runs on the thread pool: time passes second by second until it has done what is waited for.
    private async Task PassAsync(Func<bool> until)
    {
        for (var i = 0; i < 5000; i++)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
            if (i > 0 && until()) return;
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Fail("It never came to that");
    }

    private async Task<double> DroppedAsync(string cause)
    {
        using var stream = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(stream, TestContext.Current.CancellationToken);
        var start = $"event_recorder_dropped_total{{cause=\"{cause}\"}} ";
        var line = Encoding.UTF8.GetString(stream.ToArray()).Split('\n').Single(line => line.StartsWith(start, StringComparison.Ordinal));
        return double.Parse(line[start.Length..], CultureInfo.InvariantCulture);
    }
}
