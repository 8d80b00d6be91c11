using Prometheus;

namespace DiffusionDpo.KubeOps.Caching;

/// <summary>Metrics of lists and watches.</summary>
internal sealed class ReflectorMetrics
{
    private readonly Counter _lists;
    private readonly Counter _watches;
    private readonly Counter _unreadable;
    private readonly Gauge _lastChange;

    /// <summary>Registers the metrics.</summary>
    public ReflectorMetrics(CollectorRegistry registry)
    {
        var make = Prometheus.Metrics.WithCustomRegistry(registry);
        _lists = make.CreateCounter("reflector_lists_total", "Complete lists; more than one means that changes could not be followed.", "kind");
        _watches = make.CreateCounter("reflector_watches_total", "Watches started.", "kind");
        _unreadable = make.CreateCounter("reflector_unreadable_objects_total", "Objects that could not be read and were passed over.", "kind");
        _lastChange = make.CreateGauge("reflector_last_change_timestamp_seconds", "When a watch brought something last.", "kind");
    }

    /// <summary>A list begins.</summary>
    public void Listed(string kind) => _lists.WithLabels(kind).Inc();

    /// <summary>A watch begins.</summary>
    public void WatchStarted(string kind) => _watches.WithLabels(kind).Inc();

    /// <summary>An object cannot be read.</summary>
    public void Unreadable(string kind) => _unreadable.WithLabels(kind).Inc();

    /// <summary>A watch brought something.</summary>
    public void Changed(string kind, TimeProvider time) => _lastChange.WithLabels(kind).Set(time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
}
