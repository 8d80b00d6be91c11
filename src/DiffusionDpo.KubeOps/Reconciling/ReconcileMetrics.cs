using Prometheus;

namespace DiffusionDpo.KubeOps.Reconciling;

/// <summary>Metrics of reconciliations, under the names of controller-runtime.</summary>
internal sealed class ReconcileMetrics
{
    private readonly Counter _total;
    private readonly Counter _errors;
    private readonly Histogram _seconds;

    /// <summary>Registers the metrics.</summary>
    public ReconcileMetrics(CollectorRegistry registry)
    {
        var make = Prometheus.Metrics.WithCustomRegistry(registry);
        _total = make.CreateCounter("controller_runtime_reconcile_total", "Reconciliations by result: success, requeue_after or error.", "controller", "result");
        _errors = make.CreateCounter("controller_runtime_reconcile_errors_total", "Reconciliations that failed.", "controller");
        _seconds = make.CreateHistogram(
            "controller_runtime_reconcile_time_seconds", "Time of a reconciliation.", ["controller"],
            new HistogramConfiguration { Buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
    }

    /// <summary>A reconciliation has ended.</summary>
    public void Ended(string controller, string result, TimeSpan took)
    {
        _total.WithLabels(controller, result).Inc();
        if (result == "error") _errors.WithLabels(controller).Inc();
        _seconds.WithLabels(controller).Observe(took.TotalSeconds);
    }
}
