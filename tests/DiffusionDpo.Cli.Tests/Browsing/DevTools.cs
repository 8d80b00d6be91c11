using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace DiffusionDpo.Cli.Tests.Browsing;

/// <summary>The DevTools protocol over one connection: a command at a time, and the events that came meanwhile.</summary>
internal sealed class DevTools(ClientWebSocket socket) : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private readonly List<JsonObject> _events = [];
    private int _commands;

    /// <summary>What a session has told.</summary>
    public IEnumerable<JsonObject> EventsOf(string session) => _events.Where(one => (string?)one["sessionId"] == session);

    /// <summary>Sends a command and waits for its result.</summary>
    public async Task<JsonObject> SendAsync(string method, JsonObject? parameters = null, string? session = null)
    {
        int id = ++_commands;
        JsonObject command = new() { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (session is not null) command["sessionId"] = session;
        using CancellationTokenSource patience = new(s_patience);
        await socket.SendAsync(Encoding.UTF8.GetBytes(command.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        while (true)
        {
            JsonObject message = await ReceiveAsync(patience.Token);
            if ((int?)message["id"] != id) _events.Add(message);
            else return message["result"]?.AsObject() ?? throw new InvalidOperationException($"{method}: {message["error"]?.ToJsonString()}");
        }
    }

    /// <summary>Waits until a session tells of an event.</summary>
    public async Task WaitForAsync(string method, string session)
    {
        using CancellationTokenSource patience = new(s_patience);
        while (!EventsOf(session).Any(one => (string?)one["method"] == method)) _events.Add(await ReceiveAsync(patience.Token));
    }

    /// <summary>Ends the browser.</summary>
    public async ValueTask DisposeAsync()
    {
        await SendAsync("Browser.close");
        socket.Dispose();
    }

    private async Task<JsonObject> ReceiveAsync(CancellationToken cancellation)
    {
        using MemoryStream message = new();
        byte[] part = new byte[1 << 16];
        ValueWebSocketReceiveResult received;
        do
        {
            received = await socket.ReceiveAsync(part.AsMemory(), cancellation);
            message.Write(part, 0, received.Count);
        }
        while (!received.EndOfMessage);

        return JsonNode.Parse(message.ToArray())!.AsObject();
    }
}
