using System.Reflection;
using System.Threading.Channels;
using DiffusionDpo.KubeOps.Client;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace DiffusionDpo.KubeOps.Events;

/// <summary>Writes events in the background. Nothing about it slows or fails who records: what cannot be written is dropped and counted.</summary>
public sealed class EventRecorder : IEventRecorder
{
    private const int QueueLength = 1024;
    private readonly Channel<Occurrence> _queue = Channel.CreateBounded<Occurrence>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly EventCorrelator _correlator;
    private readonly EventWriter _writer;
    private readonly Counter _dropped;

    /// <summary>A recorder; it writes while <see cref="RunAsync"/> runs.</summary>
    /// <param name="client">Writes the events.</param>
    /// <param name="reporter">Who tells of them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="registry">Where event_recorder_dropped_total is registered.</param>
    /// <param name="logger">Hears of failures.</param>
    public EventRecorder(IApiClient client, EventReporter reporter, TimeProvider time, CollectorRegistry registry, ILogger<EventRecorder> logger)
    {
        (_time, _correlator) = (time, new EventCorrelator(time));
        _dropped = Metrics.WithCustomRegistry(registry).CreateCounter("event_recorder_dropped_total", "Events that were not written, by cause.", "cause");
        foreach (var cause in (string[])["queue_full", "too_many", "failed", "shutdown"]) _dropped.WithLabels(cause);
        _writer = new EventWriter(client, reporter, time, logger);
    }

    /// <inheritdoc/>
    public void Record(IKubernetesObject<V1ObjectMeta> regarding, EventKind kind, string reason, string action, string note)
    {
        var occurrence = new Occurrence(Reference(regarding), kind, reason, action, EventText.Note(note), _time.GetUtcNow());
        if (!_queue.Writer.TryWrite(occurrence)) Drop("queue_full");
    }

    /// <summary>Writes events until <see cref="FlushAsync"/> has been called and everything is written, or it is told to stop.</summary>
    /// <param name="stop">Ends it at once; for an end in order, flush first.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            Task<bool>? queued = null;
            do
            {
                queued = await NextAsync(queued, stop);
                while (_queue.Reader.TryRead(out var occurrence))
                {
                    if (!_correlator.TryAdd(occurrence)) Drop("too_many");
                }

                await WriteAsync(all: _queue.Reader.Completion.IsCompleted, stop);
            }
            while (!_queue.Reader.Completion.IsCompleted);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // As it was told.
        }
        finally
        {
            _queue.Writer.TryComplete();
            var left = _queue.Reader.Count + _correlator.Due(all: true).Count;
            _dropped.WithLabels("shutdown").Inc(left);
            _ended.TrySetResult(left == 0);
        }
    }

    /// <summary>Takes no more events and waits until those taken are written.</summary>
    /// <param name="limit">How long it waits at most.</param>
    /// <returns>Whether everything is written.</returns>
    public async Task<bool> FlushAsync(TimeSpan limit)
    {
        _queue.Writer.TryComplete();
        try
        {
            return await _ended.Task.WaitAsync(limit, _time);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // Waits until something is queued, a series is due, or the queue is complete.
    private async Task<Task<bool>?> NextAsync(Task<bool>? queued, CancellationToken stop)
    {
        queued ??= _queue.Reader.WaitToReadAsync(stop).AsTask();
        if (_correlator.UntilNextDue is { } due && !queued.IsCompleted)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(queued, Task.Delay(due > TimeSpan.Zero ? due : TimeSpan.Zero, _time, over.Token));
            await over.CancelAsync();
            if (!queued.IsCompleted) return queued;
        }

        await queued;
        return null;
    }

    private async Task WriteAsync(bool all, CancellationToken stop)
    {
        foreach (var series in _correlator.Due(all))
        {
            if (!await _writer.TryWriteAsync(series, stop)) Drop("failed");
        }
    }

    private void Drop(string cause) => _dropped.WithLabels(cause).Inc();

    // Objects out of lists say neither version nor kind; their type does.
    private static V1ObjectReference Reference(IKubernetesObject<V1ObjectMeta> item)
    {
        var names = item.GetType().GetCustomAttribute<KubernetesEntityAttribute>();
        var version = string.IsNullOrEmpty(names?.Group) ? names?.ApiVersion : $"{names.Group}/{names.ApiVersion}";
        return new V1ObjectReference
        {
            ApiVersion = item.ApiVersion ?? version,
            Kind = item.Kind ?? names?.Kind,
            Name = item.Metadata.Name,
            NamespaceProperty = item.Metadata.NamespaceProperty,
            Uid = item.Metadata.Uid,
            ResourceVersion = item.Metadata.ResourceVersion,
        };
    }
}
