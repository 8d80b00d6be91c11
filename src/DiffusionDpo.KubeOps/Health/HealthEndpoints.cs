using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Prometheus;

namespace DiffusionDpo.KubeOps.Health;

/// <summary>Serves /livez, /readyz and /metrics as plain text, independent of everything else in the process.</summary>
public sealed class HealthEndpoints : IAsyncDisposable
{
    private readonly IReadOnlyList<WebApplication> _servers;

    private HealthEndpoints(IReadOnlyList<WebApplication> servers)
    {
        _servers = servers;
        HealthAddress = AddressOf(servers[0]);
        MetricsAddress = AddressOf(servers[^1]);
    }

    /// <summary>Where /livez and /readyz are, with the port that was found where 0 was asked for.</summary>
    public Uri HealthAddress { get; }

    /// <summary>Where /metrics is.</summary>
    public Uri MetricsAddress { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="options">Where.</param>
    /// <param name="checks">What is asked; checks may be added later.</param>
    /// <param name="registry">The metrics, and no others.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="IOException">An address is in use.</exception>
    public static async Task<HealthEndpoints> StartAsync(
        HealthOptions options, HealthChecks checks, CollectorRegistry registry, CancellationToken cancellationToken)
    {
        List<WebApplication> servers = [Server(options.Health)];
        if (!options.Metrics.Equals(options.Health)) servers.Add(Server(options.Metrics));
        servers[0].MapGet("/livez", context => AnswerAsync(context, checks.Liveness()));
        servers[0].MapGet("/readyz", context => AnswerAsync(context, checks.Readiness()));
        servers[^1].MapGet("/metrics", context => AnswerAsync(context, registry));
        try
        {
            foreach (var server in servers) await server.StartAsync(cancellationToken);
            return new HealthEndpoints(servers);
        }
        catch
        {
            foreach (var server in servers) await server.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
    }

    private static WebApplication Server(IPEndPoint endpoint)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Any address is more than IPv6Any: it works on a node without IPv6 too.
            if (endpoint.Address.Equals(IPAddress.IPv6Any)) kestrel.ListenAnyIP(endpoint.Port);
            else kestrel.Listen(endpoint);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, UnmanagedLifetime>();
        return builder.Build();
    }

    private static Task AnswerAsync(HttpContext context, HealthReport report)
    {
        context.Response.StatusCode = report.IsOk ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(report.Text, context.RequestAborted);
    }

    private static async Task AnswerAsync(HttpContext context, CollectorRegistry registry)
    {
        // Collected before the first byte is sent, so that a failing collector is a failed scrape and not half of one.
        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text, context.RequestAborted);
        context.Response.ContentType = PrometheusConstants.TextContentTypeWithVersionAndEncoding;
        await context.Response.Body.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), context.RequestAborted);
    }

    private static Uri AddressOf(WebApplication server) =>
        new(server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
}
