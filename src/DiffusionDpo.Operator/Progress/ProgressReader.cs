using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.Operator.Attempts;

namespace DiffusionDpo.Operator.Progress;

/// <summary>
/// Asks trainers for their progress, at most once per interval and fine-tune, and never makes a reconciliation wait: it gets what was said
/// last, and the answer to come is there at the next one. A trainer may answer anything, or nothing.
/// </summary>
internal sealed class ProgressReader(HttpClient http, OperatorOptions options, TimeProvider time) : IDisposable
{
    private const int MostBytes = 64 << 10;
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<ObjectKey, Entry> _entries = new();
    private readonly SemaphoreSlim _atOnce = new(32);

    /// <summary>What a pod said last; asks anew where that is old.</summary>
    /// <param name="fineTune">The fine-tune.</param>
    /// <param name="pod">Rank 0's pod; null while it does not run.</param>
    /// <param name="lookAgain">When there is news to expect.</param>
    public ProgressReport? Latest(ObjectKey fineTune, PodView? pod, out DateTimeOffset? lookAgain)
    {
        lookAgain = null;
        // Whoever writes an address does not get to choose what is asked.
        if (pod is not { Phase: "Running", Address: { } written } || !IPAddress.TryParse(written, out var address))
        {
            _entries.TryRemove(fineTune, out _);
            return null;
        }

        var now = time.GetUtcNow();
        var entry = _entries.AddOrUpdate(fineTune, _ => new Entry(pod.Key), (_, known) => known.Pod == pod.Key ? known : new Entry(pod.Key));
        if (entry.TryBegin(now)) entry.Asked = AskAsync(entry, address);
        if (entry.Asked.IsCompleted) lookAgain = entry.NextAt;
        else lookAgain = now + TimeSpan.FromSeconds(1);
        return entry.Report;
    }

    /// <summary>Forgets a fine-tune.</summary>
    public void Forget(ObjectKey fineTune) => _entries.TryRemove(fineTune, out _);

    /// <inheritdoc/>
    public void Dispose() => _atOnce.Dispose();

    /// <summary>What an answer says; null where it makes no sense.</summary>
    internal static ProgressReport? Parse(ReadOnlySpan<byte> json, DateTimeOffset now)
    {
        try
        {
            var report = JsonSerializer.Deserialize<ProgressReport>(json, JsonSerializerOptions.Web);
            if (report is not { Phase: { Length: > 0 and < 64 } }) return null;
            return report with
            {
                Progress = Believable.Progress(report.Progress, now),
                LastCheckpoint = Believable.Checkpoint(report.LastCheckpoint),
                Preparation = Believable.Preparation(report.Preparation, now),
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task AskAsync(Entry entry, IPAddress address)
    {
        await _atOnce.WaitAsync().ConfigureAwait(false);
        try
        {
            using var patience = new CancellationTokenSource(AnswersWithin, time);
            var uri = new UriBuilder("http", $"{address}", options.TrainerPort, "/status").Uri;
            using var answer = await http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode) return;
            await using var body = await answer.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            var buffer = new byte[MostBytes];
            var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, patience.Token).ConfigureAwait(false);
            if (read < buffer.Length) entry.Report = Parse(buffer.AsSpan(0, read), time.GetUtcNow()) ?? entry.Report;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            // A trainer that does not answer is no failure: its pod's state says whether it lives.
        }
        finally
        {
            _atOnce.Release();
            entry.Finish(time.GetUtcNow(), options.ProgressInterval);
        }
    }

    private sealed class Entry(ObjectKey pod)
    {
        private static readonly TimeSpan UntilFirstReport = TimeSpan.FromSeconds(5);
        private readonly Lock _lock = new();
        private bool _isAsking;
        private bool _hasReported;

        public ObjectKey Pod { get; } = pod;

        /// <summary>The pod's place in an interval, from 0 to 1: spread evenly, and the same each time.</summary>
        private double Turn => Pod.Name.Aggregate(17u, (sum, letter) => (sum * 31) + letter) * 2654435761u / (double)uint.MaxValue;

        public ProgressReport? Report { get; set; }

        public DateTimeOffset NextAt { get; private set; } = DateTimeOffset.MinValue;

        public Task Asked { get; set; } = Task.CompletedTask;

        public bool TryBegin(DateTimeOffset now)
        {
            lock (_lock)
            {
                if (_isAsking || now < NextAt) return false;
                return _isAsking = true;
            }
        }

        public void Finish(DateTimeOffset now, TimeSpan interval)
        {
            lock (_lock)
            {
                _isAsking = false;
                if (Report?.IsAtWork != true)
                {
                    NextAt = now + UntilFirstReport;
                    return;
                }

                // A new leader asks all trainers at once; from then on each has its own turn.
                NextAt = now + (_hasReported ? interval : interval * (0.5 + Turn));
                _hasReported = true;
            }
        }
    }
}
