using System.Net;
using System.Net.Sockets;

namespace DiffusionDpo.Storage.Tests;

/// <summary>Passes connections on to a server of this machine, and breaks some of them (a reset) after a number of bytes in one direction.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ended = new();
    private readonly Uri server;
    private int cuts;

    public CuttingProxy(Uri server)
    {
        this.server = server;
        listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        _ = AcceptAsync();
    }

    public string Address { get; }

    /// <summary>Connections that will break yet.</summary>
    public int Cuts
    {
        get => Volatile.Read(ref cuts);
        init => cuts = value;
    }

    public int AfterAnswered { get; init; } = int.MaxValue;

    public int AfterAsked { get; init; } = int.MaxValue;

    public void Dispose()
    {
        ended.Cancel();
        listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = PassAsync(await listener.AcceptSocketAsync(ended.Token));
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task PassAsync(Socket client)
    {
        using (client)
        using (var up = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            try
            {
                await up.ConnectAsync(IPAddress.Loopback, server.Port, ended.Token);
                await Task.WhenAny(PassAsync(client, up, AfterAsked), PassAsync(up, client, AfterAnswered));
                client.LingerState = new LingerOption(true, 0); // a reset, not an orderly end
            }
            catch (Exception over) when (over is OperationCanceledException or SocketException)
            {
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to, int most)
    {
        var buffer = new byte[64 << 10];
        for (long passed = 0; ;)
        {
            var read = await from.ReceiveAsync(buffer, ended.Token);
            if (read == 0) return;
            passed += read;
            if (passed > most && Interlocked.Decrement(ref cuts) >= 0) return;
            await to.SendAsync(buffer.AsMemory(0, read), ended.Token);
        }
    }
}
