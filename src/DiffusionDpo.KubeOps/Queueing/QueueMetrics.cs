using Prometheus;

namespace DiffusionDpo.KubeOps.Queueing;

/// <summary>Metrics of a work queue, under the names of client-go.</summary>
internal sealed class QueueMetrics
{
    private static readonly double[] s_seconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    private readonly CollectorRegistry _registry;
    private readonly Gauge.Child _depth;
    private readonly Gauge.Child _unfinished;
    private readonly Gauge.Child _longest;
    private readonly Counter.Child _adds;
    private readonly Counter.Child _retries;
    private readonly Histogram.Child _waited;
    private readonly Histogram.Child _worked;

    /// <summary>Registers the metrics.</summary>
    public QueueMetrics(CollectorRegistry registry, string name)
    {
        _registry = registry;
        var make = Prometheus.Metrics.WithCustomRegistry(registry);
        var buckets = new HistogramConfiguration { Buckets = s_seconds };
        _depth = make.CreateGauge("workqueue_depth", "Keys that wait for a worker.", "name").WithLabels(name);
        _adds = make.CreateCounter("workqueue_adds_total", "Keys added.", "name").WithLabels(name);
        _retries = make.CreateCounter("workqueue_retries_total", "Keys added after a failure.", "name").WithLabels(name);
        _waited = make.CreateHistogram("workqueue_queue_duration_seconds", "From a key's coming to its being taken.", ["name"], buckets).WithLabels(name);
        _worked = make.CreateHistogram("workqueue_work_duration_seconds", "From a key's being taken to its being done.", ["name"], buckets).WithLabels(name);
        _unfinished = make.CreateGauge("workqueue_unfinished_work_seconds", "Time that work going on has taken so far, in sum.", "name").WithLabels(name);
        _longest = make.CreateGauge("workqueue_longest_running_processor_seconds", "The longest work going on has taken so far.", "name").WithLabels(name);
    }

    /// <summary>Reads what is read when metrics are.</summary>
    public void Watch(Func<int> depth, Func<(TimeSpan Sum, TimeSpan Longest)> running) => _registry.AddBeforeCollectCallback(() =>
    {
        _depth.Set(depth());
        var (sum, longest) = running();
        _unfinished.Set(sum.TotalSeconds);
        _longest.Set(longest.TotalSeconds);
    });

    /// <summary>A key was added.</summary>
    public void Added() => _adds.Inc();

    /// <summary>A key was added after a failure.</summary>
    public void Retried() => _retries.Inc();

    /// <summary>A key was taken.</summary>
    public void Taken(TimeSpan waited) => _waited.Observe(waited.TotalSeconds);

    /// <summary>A key is done.</summary>
    public void Worked(TimeSpan took) => _worked.Observe(took.TotalSeconds);
}
