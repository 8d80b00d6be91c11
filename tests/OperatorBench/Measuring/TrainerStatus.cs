using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OperatorBench.Measuring;

/// <summary>Rank 0 of every run that is active: /status on an address of its own within 127.0.0.0/8, with progress that goes on and a checkpoint per minute.</summary>
internal sealed class TrainerStatus : IAsyncDisposable
{
    private const int TotalSteps = 1_000_000;
    private readonly WebApplication _app;
    private readonly DateTimeOffset _start = TimeProvider.System.GetUtcNow();
    private long _asked;

    private TrainerStatus(WebApplication app, int port) => (_app, Port) = (app, port);

    public int Port { get; }

    /// <summary>How often trainers were asked.</summary>
    public long Asked => Interlocked.Read(ref _asked);

    /// <summary>Among the addresses that the fake cluster gives its pods, so that the template's trainers are answered for, too.</summary>
    public static string Address(int number) => $"127.64.{number / 250}.{(number % 250) + 1}";

    public static async Task<TrainerStatus> StartAsync(int count)
    {
        var port = FreePort();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            for (var number = 0; number < count; number++) kestrel.Listen(IPAddress.Parse(Address(number)), port);
        });
        var app = builder.Build();
        var trainers = new TrainerStatus(app, port);
        app.Run(trainers.AnswerAsync);
        await app.StartAsync();
        return trainers;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _asked);
        var now = TimeProvider.System.GetUtcNow();
        var minutes = (int)(now - _start).TotalMinutes;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonObject
        {
            ["phase"] = "Training",
            ["progress"] = new JsonObject
            {
                ["step"] = 1000 + (int)((now - _start).TotalSeconds * 3),
                ["totalSteps"] = TotalSteps,
                ["loss"] = 0.61,
                ["implicitAccuracy"] = 0.66,
                ["pairsPerSecond"] = 212.5,
                ["etaSeconds"] = 3600,
                ["updatedAt"] = now,
            },
            ["lastCheckpoint"] = new JsonObject
            {
                ["step"] = 1000 + (minutes * 180),
                ["uri"] = $"s3://runs/checkpoints/step-{1000 + (minutes * 180)}",
                ["sha256"] = new string('a', 64),
                ["time"] = _start.AddMinutes(minutes),
                ["worldSize"] = 56,
            },
        }.ToJsonString());
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
