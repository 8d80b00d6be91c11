using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DiffusionDpo.Operator.Tests.Fuzzing;

/// <summary>A server on the loopback address that answers each request by a script of its own, down to the bytes of HTTP.</summary>
internal sealed class HostileTrainer : IAsyncDisposable
{
    private static readonly byte[] s_bomb = Compressed(10 << 20);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public HostileTrainer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Ways to answer; a body goes into most of them. Those that stall do so until the client goes.</summary>
    public static IReadOnlyList<(string Name, bool IsHonest, Func<CountingStream, byte[], CancellationToken, Task> Answer)> Ways { get; } =
    [
        ("with its length", true, (to, body, stop) => SendAsync(to, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n", body, stop)),
        ("in chunks", true, (to, body, stop) => SendAsync(to, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Chunked(body), stop)),
        ("until it closes", true, (to, body, stop) => SendAsync(to, "HTTP/1.0 200 OK\r\n\r\n", body, stop)),
        ("as a page", true, (to, body, stop) => SendAsync(to, $"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-7\r\nContent-Length: {body.Length}\r\n\r\n", body, stop)),
        ("cut off", false, (to, body, stop) => SendAsync(to, $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length + 1000}\r\n\r\n", body, stop)),
        ("without an end", false, EndlessAsync),
        ("and stalls in the body", false, async (to, body, stop) =>
        {
            await SendAsync(to, $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length + 10}\r\n\r\n", body, stop);
            await StallAsync(to, stop);
        }),
        ("and stalls in the head", false, async (to, _, stop) =>
        {
            await SendAsync(to, "HTTP/1.1 200 OK\r\nX-Slow: ", [], stop);
            await StallAsync(to, stop);
        }),
        ("never", false, (to, _, stop) => StallAsync(to, stop)),
        ("by hanging up", false, (_, _, _) => Task.CompletedTask),
        ("elsewhere", false, (to, _, stop) => SendAsync(to, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", [], stop)),
        ("elsewhere for good", false, (to, _, stop) => SendAsync(to, "HTTP/1.1 308 Permanent Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", [], stop)),
        ("compressed a thousandfold", false, (to, _, stop) => SendAsync(to, $"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {s_bomb.Length}\r\n\r\n", s_bomb, stop)),
        ("with a failure", false, (to, body, stop) => SendAsync(to, $"HTTP/1.1 500 No\r\nContent-Length: {body.Length}\r\n\r\n", body, stop)),
        ("with nothing", false, (to, _, stop) => SendAsync(to, "HTTP/1.1 204 No Content\r\n\r\n", [], stop)),
        ("with another protocol", false, (to, body, stop) => SendAsync(to, "SSH-2.0-OpenSSH_9.2\r\n", body, stop)),
        ("with a negative length", true, (to, body, stop) => SendAsync(to, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", body, stop)),
        ("with a large head", false, (to, body, stop) => SendAsync(to, $"HTTP/1.1 200 OK\r\nX-Large: {new string('h', 40_000)}\r\n\r\n", body, stop)),
        ("with a broken chunk", false, (to, _, stop) => SendAsync(to, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n{", [], stop)),
        ("after many interim answers", false, (to, body, stop) => SendAsync(to, string.Concat(Enumerable.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 50)) + "HTTP/1.1 500 No\r\n\r\n", body, stop)),
    ];

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Most bytes that one answer got rid of.</summary>
    public long LongestAnswer { get; private set; }

    /// <summary>What was asked for.</summary>
    public ConcurrentBag<string> Requests { get; } = [];

    /// <summary>How the next requests are answered, by the way's number and with which body.</summary>
    public ConcurrentQueue<(int Way, byte[] Body)> Answers { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient connection)
    {
        using var open = connection;
        try
        {
            await using CountingStream stream = new(connection.GetStream());
            using var reader = new StreamReader(stream.Inner, Encoding.ASCII, leaveOpen: true);
            if (await reader.ReadLineAsync(_stop.Token) is not { } request) return;
            Requests.Add(request);
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
            {
            }

            if (Answers.TryDequeue(out var next)) await AnswerAsync(stream, next.Way, next.Body);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // The client has heard enough.
        }
    }

    private async Task AnswerAsync(CountingStream to, int way, byte[] body)
    {
        try
        {
            await Ways[way].Answer(to, body, _stop.Token);
        }
        finally
        {
            lock (_connections) LongestAnswer = Math.Max(LongestAnswer, to.Written);
        }
    }

    private static async Task SendAsync(CountingStream to, string head, byte[] body, CancellationToken stop)
    {
        await to.WriteAsync(Encoding.Latin1.GetBytes(head), stop);
        await to.WriteAsync(body, stop);
    }

    private static async Task EndlessAsync(CountingStream to, byte[] body, CancellationToken stop)
    {
        await SendAsync(to, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", [], stop);
        var chunk = Chunk([.. body, .. Enumerable.Repeat((byte)' ', 4096)]);
        while (true) await to.WriteAsync(chunk, stop);
    }

    private static async Task StallAsync(CountingStream to, CancellationToken stop)
    {
        var buffer = new byte[16];
        while (await to.Inner.ReadAsync(buffer, stop) > 0)
        {
        }
    }

    private static byte[] Chunked(byte[] body) => [.. body.Chunk(1000).SelectMany(Chunk), .. "0\r\n\r\n"u8];

    private static byte[] Chunk(byte[] part) => [.. Encoding.ASCII.GetBytes($"{part.Length:x}\r\n"), .. part, .. "\r\n"u8];

    private static byte[] Compressed(int size)
    {
        using var stream = new MemoryStream();
        using (var zip = new GZipStream(stream, CompressionLevel.Optimal)) zip.Write(new byte[size]);
        return stream.ToArray();
    }
}
