using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionDpo.Api.FineTunes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>/status of a trainer, on the loopback address.</summary>
internal sealed class TrainerEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TrainerEndpoint(WebApplication app) => _app = app;

    /// <summary>How far it says it is.</summary>
    public TrainingProgress Progress { get; set; } = new() { Step = 1, TotalSteps = 100, UpdatedAt = DateTimeOffset.UtcNow };

    public int Port => new Uri(_app.Urls.First()).Port;

    public static async Task<TrainerEndpoint> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        TrainerEndpoint endpoint = new(builder.Build());
        endpoint._app.Run(context => context.Response.WriteAsync(endpoint.Answer()));
        await endpoint._app.StartAsync();
        return endpoint;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private string Answer() =>
        new JsonObject { ["phase"] = "Training", ["progress"] = JsonSerializer.SerializeToNode(Progress, JsonSerializerOptions.Web) }.ToJsonString();
}
