using System.Net;
using System.Text;
using DiffusionDpo.Operator.Metrics;
using DiffusionDpo.Operator.Progress;
using DiffusionDpo.Operator.Reconciling;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace DiffusionDpo.Operator.Tests.Modelling;

/// <summary>The operator's controller on a <see cref="ModelCluster"/>, reconciling as the runtime would.</summary>
internal sealed class ModelOperator : IDisposable
{
    private readonly ModelCluster _cluster;
    private readonly FakeTimeProvider _time;
    private readonly ProgressReader _progress;
    private readonly FineTuneController _controller;

    public ModelOperator(ModelCluster cluster, FakeTimeProvider time)
    {
        (_cluster, _time) = (cluster, time);
        OperatorOptions options = new();
        Registry = Prometheus.Metrics.NewCustomRegistry();
        _progress = new ProgressReader(new HttpClient(new Trainer(this)), options, time);
        _controller = new FineTuneController(
            cluster, cluster, cluster, _progress, cluster, new OperatorMetrics(Registry, cluster, time), options, time);
    }

    public CollectorRegistry Registry { get; }

    /// <summary>What rank 0 answers on /status.</summary>
    public string TrainerSays { get; set; } = "{}";

    /// <summary>When the controller wants to look again.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>Reconciles with everything seen until nothing is left to do now.</summary>
    public async Task SettleAsync()
    {
        for (var round = 0; round < 20; round++)
        {
            _cluster.Sync();
            var version = _cluster.FineTune.Metadata.ResourceVersion;
            var created = _cluster.Created.Count;
            await ReconcileAsync();
            if (version == _cluster.FineTune.Metadata.ResourceVersion && created == _cluster.Created.Count) return;
        }

        throw new InvalidOperationException("the operator does not settle");
    }

    /// <summary>Reconciles once with what is seen at the moment.</summary>
    public async Task ReconcileAsync()
    {
        var result = await _controller.ReconcileAsync(_cluster.Seen, CancellationToken.None);
        DueAt = result.RequeueAfter is { } wait ? _time.GetUtcNow() + wait : result.IsSuccess ? null : _time.GetUtcNow().AddSeconds(1);
    }

    /// <summary>Lets time pass, with everything that becomes due.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        var end = _time.GetUtcNow() + span;
        while (DueAt is { } due && due <= end)
        {
            if (due > _time.GetUtcNow()) _time.Advance(due - _time.GetUtcNow());
            else _time.Advance(TimeSpan.FromSeconds(1));
            await SettleAsync();
        }

        if (end > _time.GetUtcNow()) _time.Advance(end - _time.GetUtcNow());
        await SettleAsync();
    }

    public async Task<string> MetricsAsync()
    {
        using var stream = new MemoryStream();
        await Registry.CollectAndExportAsTextAsync(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public void Dispose() => _progress.Dispose();

    private sealed class Trainer(ModelOperator operators) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(operators.TrainerSays) });
    }
}
