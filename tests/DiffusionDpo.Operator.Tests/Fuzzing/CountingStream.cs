using System.Net.Sockets;

namespace DiffusionDpo.Operator.Tests.Fuzzing;

/// <summary>A connection that counts what the other end takes.</summary>
internal sealed class CountingStream(NetworkStream inner) : IAsyncDisposable
{
    public NetworkStream Inner => inner;

    public long Written { get; private set; }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        await inner.WriteAsync(bytes, stop);
        Written += bytes.Length;
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
