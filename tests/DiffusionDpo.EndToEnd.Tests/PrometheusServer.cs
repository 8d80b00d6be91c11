using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace DiffusionDpo.EndToEnd.Tests;

/// <summary>A real Prometheus that scrapes the operator and the trainers' pods.</summary>
internal sealed class PrometheusServer : IDisposable
{
    private const string Executable = "/usr/bin/prometheus";
    private readonly HttpClient _client = new();
    private readonly RealProcess _process;
    private readonly Uri _address;

    private PrometheusServer(RealProcess process, Uri address) => (_process, _address) = (process, address);

    /// <summary>Starts it; null where it is not installed.</summary>
    public static PrometheusServer? Start(LocalCluster cluster)
    {
        if (!File.Exists(Executable)) return null;
        File.WriteAllText(cluster.In("prometheus.yml"), $$"""
            global: { scrape_interval: 500ms, scrape_timeout: 400ms }
            scrape_configs:
              - job_name: operator
                static_configs: [{ targets: ["127.0.0.1:{{cluster.MetricsPort}}"] }]
              - job_name: trainers
                static_configs: [{ targets: [{{string.Join(", ", Enumerable.Range(1, 4).Select(i => $"\"127.0.77.{i}:{cluster.TrainerPort}\""))}}] }]
            """);
        int port = LocalCluster.FreePort();
        return new PrometheusServer(
            new RealProcess(Executable, $"--config.file={cluster.In("prometheus.yml")}", $"--storage.tsdb.path={cluster.In("tsdb")}", $"--web.listen-address=127.0.0.1:{port}"),
            new Uri($"http://127.0.0.1:{port}"));
    }

    /// <summary>Waits until a query has a value that fits.</summary>
    public async Task UntilAsync(string query, Func<double, bool> fits, TimeSpan within)
    {
        using CancellationTokenSource patience = new(within);
        string last = "nothing";
        while (!patience.IsCancellationRequested)
        {
            try
            {
                last = await _client.GetStringAsync(new Uri(_address, $"/api/v1/query?query={Uri.EscapeDataString(query)}"), patience.Token);
                if (JsonNode.Parse(last)!["data"]!["result"]!.AsArray().Any(sample => fits(double.Parse((string)sample!["value"]![1]!, CultureInfo.InvariantCulture)))) return;
            }
            catch (HttpRequestException)
            {
                // It still starts.
            }

            await Task.Delay(200, CancellationToken.None);
        }

        throw new TimeoutException($"{query}: {last}\n{_process.Output}");
    }

    /// <summary>What promtool finds to say about metrics.</summary>
    public async Task<string> CheckAsync(Uri metrics)
    {
        string text = await _client.GetStringAsync(metrics);
        using Process tool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await tool.StandardInput.WriteAsync(text);
        tool.StandardInput.Close();
        string said = await tool.StandardOutput.ReadToEndAsync() + await tool.StandardError.ReadToEndAsync();
        await tool.WaitForExitAsync();
        return said;
    }

    public void Dispose()
    {
        _process.Dispose();
        _client.Dispose();
    }
}
