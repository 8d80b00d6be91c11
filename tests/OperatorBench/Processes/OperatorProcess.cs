using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DiffusionDpo.Shared;
using OperatorBench.Measuring;

namespace OperatorBench.Processes;

/// <summary>The operator as it is built, in a process of its own, with a kubeconfig as its only knowledge of the cluster.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    /// <summary>The limit of the container in the installation's Deployment, in MiB.</summary>
    private const int ContainerMiB = 256;

    private static readonly TimeSpan s_syncsWithin = TimeSpan.FromSeconds(120);
    private readonly int _metricsPort = FreePort();
    private readonly ChildProcess _process;
    private readonly string _kubeconfig;

    public OperatorProcess(Uri apiServer, int trainerPort, params string[] more)
    {
        _kubeconfig = Path.Combine(Path.GetTempPath(), $"operator-bench-{Guid.NewGuid():N}.kubeconfig");
        // Who gives no credentials is the emulator's administrator.
        File.WriteAllText(_kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            clusters: [{ name: emulator, cluster: { server: "{{apiServer}}" } }]
            contexts: [{ name: emulator, context: { cluster: emulator } }]
            current-context: emulator
            """);
        // Request limits as an installation of this size would set them; the defaults would be measured otherwise, not the operator.
        var start = new ProcessStartInfo(
            Repository.Path("src", "DiffusionDpo.Operator", "bin", "Release", "net10.0", "operator"),
            ["run", "--kubeconfig", _kubeconfig, "--kube-api-qps", "2000", "--kube-api-burst", "4000", "--trainer-port", $"{trainerPort}", "--bind", "127.0.0.1", "--health-port", "0", "--metrics-port", $"{_metricsPort}", .. more]);
        // In its container the collector sees the limit; here it is told. It is not enforced: what is measured may be above it.
        start.Environment["DOTNET_GCTotalPhysicalMemory"] = $"0x{ContainerMiB << 20:x}";
        _process = new ChildProcess(start);
    }

    public ProcessMemory Memory => ProcessMemory.Of(_process.Id);

    public string Output => _process.Output;

    /// <summary>Waits until every cache is complete.</summary>
    /// <returns>The time since the process was started.</returns>
    public async Task<TimeSpan> UntilSyncedAsync()
    {
        await _process.UntilSaysAsync(line => line.Contains("Caches are complete", StringComparison.Ordinal), s_syncsWithin);
        return _process.Age;
    }

    /// <summary>Waits until it is the leader.</summary>
    public Task UntilLeadsAsync() => _process.UntilSaysAsync(Leads, s_syncsWithin);

    /// <summary>Its name among the candidates, once it has been the leader.</summary>
    public string Identity => _process.Said(Leads).Single().Split(' ')[^2];

    /// <summary>Ends it in order.</summary>
    public Task TerminateAsync() => _process.TerminateAsync();

    /// <summary>Ends it as a crash would.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Waits until it does next to nothing.</summary>
    public async Task UntilQuietAsync(TimeSpan atMost)
    {
        var start = _process.Age;
        while (_process.Age - start < atMost)
        {
            var before = Memory.CpuSeconds;
            await Task.Delay(TimeSpan.FromSeconds(2));
            if (Memory.CpuSeconds - before < 0.4) return;
        }
    }

    /// <summary>Warnings in its log.</summary>
    public IReadOnlyList<string> Warnings() => _process.Said(line => line.Contains(" warn:", StringComparison.Ordinal) || line.Contains(" fail:", StringComparison.Ordinal));

    /// <summary>How long fine-tunes have waited for a worker.</summary>
    public async Task<Histogram> QueueWaitsAsync()
    {
        using HttpClient http = new();
        return Histogram.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{_metricsPort}/metrics")), "workqueue_queue_duration_seconds_bucket{name=\"dpofinetune\",le=\"");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool Leads(string line) => line.EndsWith(" leads", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        File.Delete(_kubeconfig);
    }
}
