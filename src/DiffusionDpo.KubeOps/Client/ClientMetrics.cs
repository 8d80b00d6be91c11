using System.Net;
using Prometheus;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>Metrics of requests to the API server, under the names of client-go.</summary>
internal sealed class ClientMetrics
{
    private readonly Counter _requests;
    private readonly Histogram _seconds;

    /// <summary>Registers the metrics.</summary>
    public ClientMetrics(CollectorRegistry registry)
    {
        var make = Prometheus.Metrics.WithCustomRegistry(registry);
        _requests = make.CreateCounter("rest_client_requests_total", "Requests to the API server by method and status; <error> where none came.", "method", "code");
        _seconds = make.CreateHistogram(
            "rest_client_request_duration_seconds", "Time to the headers of the answer, by method.", ["method"],
            new HistogramConfiguration { Buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });
    }

    /// <summary>A request was answered, or not.</summary>
    public void Answered(string method, HttpStatusCode? status, TimeSpan time)
    {
        _requests.WithLabels(method, status is { } code ? $"{(int)code}" : "<error>").Inc();
        _seconds.WithLabels(method).Observe(time.TotalSeconds);
    }
}
