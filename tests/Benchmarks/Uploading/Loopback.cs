using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Uploading;

/// <summary>One connection of this machine to itself.</summary>
internal static class Loopback
{
    private const int Piece = 1 << 20;

    /// <summary>Seconds in which so many bytes go through it.</summary>
    public static async Task<double> SecondsAsync(long bytes)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using TcpClient client = new();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using TcpClient server = await listener.AcceptTcpClientAsync();
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(SendAsync(client.GetStream(), bytes), ReceiveAsync(server.GetStream(), bytes));
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task SendAsync(NetworkStream to, long bytes)
    {
        byte[] buffer = new byte[Piece];
        for (long left = bytes; left > 0; left -= Piece) await to.WriteAsync(buffer.AsMemory(0, (int)Math.Min(left, Piece)));
    }

    private static async Task ReceiveAsync(NetworkStream from, long bytes)
    {
        byte[] buffer = new byte[Piece];
        for (long left = bytes; left > 0;) left -= await from.ReadAsync(buffer);
    }
}
