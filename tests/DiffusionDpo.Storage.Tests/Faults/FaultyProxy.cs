using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DiffusionDpo.Storage.Tests.Faults;

/// <summary>Stands before a server of this machine, passes requests on as they are, and does to some of them what its rules say; the first that fits counts.</summary>
internal sealed class FaultyProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ended = new();
    private readonly TaskCompletionSource stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<Asked> requests = [];
    private readonly Uri server;
    private readonly Rule[] rules;
    private readonly int[] left;

    public FaultyProxy(Uri server, params Rule[] rules)
    {
        (this.server, this.rules, left) = (server, rules, [.. rules.Select(rule => rule.Times)]);
        listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        _ = AcceptAsync();
    }

    public string Address { get; }

    /// <summary>What was asked so far, in order.</summary>
    public IReadOnlyCollection<Asked> Requests => requests;

    /// <summary>Done when an answer has stalled.</summary>
    public Task Stalled => stalled.Task;

    /// <summary>Whether each rule has been applied as often as it says.</summary>
    public bool IsPlayed => left.All(times => times == 0);

    public void Dispose()
    {
        ended.Cancel();
        listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await listener.AcceptSocketAsync(ended.Token));
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    /// <summary>One request; connections are not used twice.</summary>
    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        await using (var client = new NetworkStream(socket))
        {
            try
            {
                if (await Message.OfRequestAsync(client, ended.Token) is not { } request) return;
                var line = request.Head[..request.Head.IndexOf('\r')].Split(' ');
                var asked = new Asked(line[0], line[1]);
                requests.Enqueue(asked);
                await AnswerAsync(client, request, FaultOf(asked));
            }
            catch (Exception over) when (over is OperationCanceledException or IOException or SocketException)
            {
            }
        }
    }

    private Fault? FaultOf(Asked asked)
    {
        lock (left)
        {
            var index = Enumerable.Range(0, rules.Length).Where(i => left[i] > 0 && rules[i].When(asked)).Append(-1).First();
            if (index < 0) return null;
            left[index]--;
            return rules[index].Fault;
        }
    }

    private async Task AnswerAsync(NetworkStream client, Message request, Fault? fault)
    {
        if (fault is Fault.Answer own)
        {
            await client.WriteAsync(BytesOf(own, isHead: request.Head.StartsWith("HEAD", StringComparison.Ordinal)), ended.Token);
            return;
        }

        if (fault is Fault.Garble garble) request.Body[garble.At] ^= 1;
        var answer = (await AskAsync(fault is Fault.Reword reword ? request with { Head = reword.Change(request.Head) } : request)).AsOnly();
        if (fault is Fault.Drop) return;
        if (fault is Fault.Flip flip) answer.Body[flip.At] ^= 1;
        var most = fault switch { Fault.Truncate cut => cut.Bytes, Fault.Stall stall => stall.Bytes, _ => int.MaxValue };
        if (fault is not Fault.Silence) await client.WriteAsync((answer with { Body = answer.Body[..Math.Min(answer.Body.Length, most)] }).Bytes, ended.Token);
        if (fault is not (Fault.Stall or Fault.Silence)) return;
        stalled.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, ended.Token);
    }

    private async Task<Message> AskAsync(Message request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Port, ended.Token);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(request.AsOnly().Bytes, ended.Token);
        return await Message.OfAnswerAsync(stream, ended.Token);
    }

    private static byte[] BytesOf(Fault.Answer answer, bool isHead)
    {
        var body = isHead ? "" : $"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{answer.Code}</Code><Message>as told</Message></Error>";
        string[] head = [$"HTTP/1.1 {answer.Status} as told", $"x-ms-error-code: {answer.Code}", $"Content-Length: {body.Length}", "Connection: close", .. answer.Headers];
        if (!isHead) head = [.. head, "Content-Type: application/xml"];
        return Encoding.ASCII.GetBytes(string.Join("\r\n", head) + "\r\n\r\n" + body);
    }
}
