using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Training.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Prometheus;

namespace DiffusionDpo.Training.Status;

/// <summary>Answers /metrics (Prometheus), /status (JSON), /report (a page) and /healthz over HTTP, on threads of its own: whoever works never waits for a reader.</summary>
public sealed class StatusServer : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly WebApplication application;

    private StatusServer(WebApplication application) => this.application = application;

    /// <summary>The port it listens on.</summary>
    public int Port => new Uri(application.Urls.First()).Port;

    /// <summary>Starts listening.</summary>
    /// <param name="board">What /status says.</param>
    /// <param name="metrics">What /metrics says.</param>
    /// <param name="port">The port; 0: any free one.</param>
    /// <param name="address">The address; null: loopback only.</param>
    /// <param name="report">What /report says, as HTML; null: there is none.</param>
    /// <exception cref="RunException">Configuration error: the port cannot be had.</exception>
    public static async Task<StatusServer> StartAsync(StatusBoard board, TrainerMetrics metrics, int port, IPAddress? address = null, Func<string>? report = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, address ?? IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        WebApplication application = builder.Build();
        application.MapGet("/status", (RequestDelegate)(context => context.Response.WriteAsJsonAsync(board.Current, Json)));
        application.MapGet("/healthz", (RequestDelegate)(context => context.Response.WriteAsync("ok\n")));
        if (report is not null) application.MapGet("/report", (RequestDelegate)(context => AnswerAsync(context, report)));
        application.MapMetrics("/metrics", metrics.Registry);
        try
        {
            await application.StartAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw new RunException(ExitClass.ConfigurationError, $"port {port} for metrics and status cannot be had: {e.Message.TrimEnd('.')}; choose another, or 0 for any", e);
        }

        return new(application);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => application.DisposeAsync();

    private static Task AnswerAsync(HttpContext context, Func<string> report)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(report());
    }

    private static void Limit(KestrelServerOptions kestrel, IPAddress address, int port)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = 16;
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Listen(address, port);
    }

    /// <summary>Signals of the process are the run's business, not the web server's.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
